import { InputError } from '../base/errors.js';
import type { Stop } from '../base/stop.js';
import type { Kernels } from '../kernels/kernels.js';
import { parameterCountOf } from '../network/shape.js';
import type { FitJob, FitShape, Fitted, Fitter } from '../optimise/fit.js';
import type { QueueAddress } from './address.js';
import { arithmeticOf } from './arithmetic.js';
import {
  checkMessage,
  fittedSchema,
  mostMessageBytes,
  mostParameters,
  type SamplesName,
} from './messages.js';
import type { GivenJob, Outcome } from './open-jobs.js';
import { formatPlain } from './plain-text.js';
import { openQueueRun, type QueueRun, type QueueRunOptions } from './run.js';

/** A fitter whose students are trained by the workers of a queue; `close` ends the run there. */
export interface QueueFitter extends Fitter {
  close(): Promise<void>;
}

/** What a fitter on a queue needs to know. */
export interface QueueFitterOptions extends Omit<QueueRunOptions, 'arithmetic'> {
  readonly address: QueueAddress;
  readonly kernels: Kernels;
}

/** The kind of a student's job. */
export const fitKind = 'student';

/**
 * Trains wherever workers take jobs of the queue, to the same bits as `kernels` do here. A student that ended three
 * workers comes back as `lost`. Throws `InputError` when the queue cannot be used.
 */
export async function createQueueFitter(options: QueueFitterOptions): Promise<QueueFitter> {
  const { kernels, ...rest } = options;
  const run = await openQueueRun({ ...rest, arithmetic: arithmeticOf(kernels) });
  return {
    async fit<Shape extends FitShape>(
      jobs: readonly FitJob<Shape>[],
      onDone?: (index: number, result: Fitted<Shape>) => void,
      stop?: Stop,
    ) {
      const names: SamplesName[] = [];
      const results: Fitted<Shape>[] = [];
      let cancel = async () => {};
      const work = async (): Promise<Fitted<Shape>[]> => {
        const given: GivenJob[] = [];
        for (const job of jobs) {
          const name = await run.samples.hold(job.samples);
          names.push(name);
          given.push(describeJob(run, job, name));
        }
        const out = run.giver.give(given, (index, outcome) => {
          const result = readFitted(jobs[index], outcome);
          results[index] = result;
          onDone?.(index, result);
        });
        cancel = out.cancel;
        await out.done;
        return results;
      };
      try {
        const working = work();
        return await (stop === undefined ? working : stop.race(working));
      } catch (error) {
        await cancel();
        throw error;
      } finally {
        for (const name of names) run.samples.release(name);
      }
    },
    close: run.close,
  };
}

function describeJob(run: QueueRun, { shape, method }: FitJob<FitShape>, samples: SamplesName): GivenJob {
  const count = parameterCountOf(shape);
  if (count > mostParameters) {
    throw new InputError(
      `a student has ${count} parameters, expected at most ${mostParameters} on a queue: train it without --queue`,
    );
  }
  const body = formatPlain({ samples, shape: plainShape(shape), method });
  if (body.length > mostMessageBytes) {
    throw new InputError(`a job takes ${body.length} bytes, expected at most ${mostMessageBytes} on a queue`);
  }
  return { kind: fitKind, body, restore: () => run.samples.restore(samples) };
}

/** What the schema of a shape has, whatever else hangs on it. */
function plainShape(shape: FitShape): FitShape {
  // a slope a neuron is fitted in the calling thread: a worker that is not told of them would train another network
  if (shape.slopes !== undefined) throw new Error('slopes of single neurons are not trained on a queue');
  const { inputs, outputs, activation, slope, skip } = shape;
  const common = { inputs, outputs, activation, slope, skip };
  if (!('widths' in shape)) return { ...common, hidden: shape.hidden };
  const { widths, activations, residual, normalised } = shape;
  return {
    ...common,
    widths,
    ...(activations && { activations }),
    ...(residual && { residual }),
    ...(normalised && { normalised }),
  };
}

function readFitted<Shape extends FitShape>(job: FitJob<Shape>, outcome: Outcome): Fitted<Shape> {
  if (outcome === 'lost') return lostStudent(job);
  const fitted = checkMessage('the result of a student', fittedSchema, outcome.value);
  const shape = { ...job.shape, ...fitted.shape } as Shape;
  if (fitted.parameters.length !== parameterCountOf(shape)) {
    throw new InputError(
      `the result of a student has ${fitted.parameters.length} parameters, expected ${parameterCountOf(shape)}`,
    );
  }
  return { ...fitted, shape };
}

/** What stands for a student that ended its workers: its start, with a loss that no other is behind. */
function lostStudent<Shape extends FitShape>({ shape, method }: FitJob<Shape>): Fitted<Shape> {
  const parameters =
    method.kind === 'grow' ? new Float64Array(parameterCountOf(shape)) : method.start.slice();
  const loss = Number.POSITIVE_INFINITY;
  return { parameters, loss, iterations: 0, reason: 'lost', lossCurve: Float64Array.of(loss), shape };
}
