import { machineMemory } from '../execute/machine-memory.js';
import type { Kernels } from '../kernels/kernels.js';
import type { QueueAddress } from '../queue/address.js';
import { arithmeticOf } from '../queue/arithmetic.js';
import { connect } from '../queue/connect.js';
import { createFitKind } from '../queue/fit-kind.js';
import { fitKind } from '../queue/fitter.js';
import { mostSampleBytes } from '../queue/messages.js';
import { createSamplesIn } from '../queue/samples-in.js';
import { startQueueWorker } from '../queue/worker.js';
import { createSuiteKinds } from './queue-kinds.js';

/** What a worker for students and suite problems needs to know. */
export interface WorkerRequest {
  readonly address: QueueAddress;
  readonly threads: number;
  /** Seconds that it may be silent. */
  readonly patience: number;
  readonly kernels: Kernels;
  readonly notify: (line: string) => void;
}

/** Share of the memory that samples may take. */
const sampleShare = 1 / 4;

/**
 * Starts a worker for everything that can be given out. Throws `InputError` when the queue cannot be used, or when this
 * program would compute other bits than the runs there have.
 */
export async function openWorker({ address, threads, patience, kernels, notify }: WorkerRequest): Promise<{
  readonly refusal: Promise<never>;
  close(): Promise<void>;
}> {
  const arithmetic = arithmeticOf(kernels);
  const connection = await connect(address);
  const most = Math.min(mostSampleBytes, sampleShare * machineMemory(threads).available());
  const fit = createFitKind(threads, createSamplesIn(connection.redis, most));
  const kinds = new Map([[fitKind, fit], ...createSuiteKinds(threads)]);
  try {
    const worker = await startQueueWorker({ connection, arithmetic, threads, patience, kinds, notify });
    return {
      refusal: worker.refusal,
      async close() {
        await worker.stop();
        connection.close();
      },
    };
  } catch (error) {
    for (const kind of kinds.values()) await kind.close();
    connection.close();
    throw error;
  }
}
