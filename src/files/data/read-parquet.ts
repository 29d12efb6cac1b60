import { Worker } from 'node:worker_threads';
import { InputError } from '../../base/errors.js';
import type { ColumnChoice } from './columns.js';
import { planParquet } from './parquet.js';
import type { Table } from './table.js';

/** Memory of the thread in MiB, beside the arrays of numbers. */
const largestHeap = 1024;

/** Seconds for a file, and for every megabyte of it: a hundred times what files of numbers take. */
const patience = { least: 5, perMegabyte: 2 };

/**
 * Reads a Parquet file in a thread of its own: a file that was made to mislead its reader can ask it for
 * memory and time without end. Throws `InputError`, less the file's name.
 */
export async function readParquet(bytes: Uint8Array, choice: ColumnChoice): Promise<Table> {
  planParquet(bytes, choice); // most files that cannot be read are told without a thread
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./parquet-worker.js', import.meta.url), {
      workerData: { bytes, choice },
      resourceLimits: { maxOldGenerationSizeMb: largestHeap },
    });
    const seconds = patience.least + (patience.perMegabyte * bytes.length) / 1e6;
    const timer = setTimeout(
      () =>
        end(() =>
          reject(new InputError(`is a damaged Parquet file: it is not read in ${seconds.toFixed(0)} s`)),
        ),
      1000 * seconds,
    );
    const end = (action: () => void) => {
      clearTimeout(timer);
      worker.terminate().then(action, action);
    };
    worker.once('message', ({ table, message }: { table?: Table; message: string }) => {
      end(() => (table === undefined ? reject(new InputError(message)) : resolve(table)));
    });
    worker.once('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error instanceof RangeError;
      end(() =>
        reject(isMemory ? new InputError('is a damaged Parquet file: it asks for too much memory') : error),
      );
    });
  });
}
