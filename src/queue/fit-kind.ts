import { InputError } from '../base/errors.js';
import type { Stop } from '../base/stop.js';
import { createThreadedFitter } from '../execute/threads.js';
import { parameterCountOf } from '../network/shape.js';
import { Dropped, type JobKind } from './do-job.js';
import { checkMessage, fitSchema, mostParameters } from './messages.js';
import type { SamplesIn } from './samples-in.js';

/** Students as a kind of job, trained on so many threads; samples come once. */
export function createFitKind(threads: number, samplesIn: SamplesIn): JobKind {
  const fitter = createThreadedFitter(threads);
  return {
    async run(body, { run, signal }) {
      const { samples: name, shape, method } = checkMessage('a student', fitSchema, body);
      const count = parameterCountOf(shape);
      if (count > mostParameters) {
        throw new InputError(`a student has ${count} parameters, expected at most ${mostParameters}`);
      }
      if (name.inputs !== shape.inputs || name.outputs !== shape.outputs) {
        throw new InputError('a student has other inputs or outputs than its samples, expected the same');
      }
      if ('widths' in shape && (shape.activations ?? shape.widths).length !== shape.widths.length) {
        throw new InputError('a student has other layers than activations of layers, expected one each');
      }
      if (method.kind !== 'grow' && method.start.length !== count) {
        throw new InputError(`a student starts with ${method.start.length} parameters, expected ${count}`);
      }
      const samples = await samplesIn.take(run, name);
      if (samples === undefined) throw new Dropped('its samples are gone');
      // optional fields of the schema may be undefined, which they never are in a message
      const job = { samples, shape, method } as Parameters<typeof fitter.fit>[0][number];
      const [result] = await fitter.fit([job], undefined, stopBy(signal));
      return result;
    },
    describe(body) {
      const { hidden, widths } = (body as { shape?: { hidden?: unknown; widths?: unknown } }).shape ?? {};
      const width = Array.isArray(widths) ? widths.join('-') : hidden;
      return `a student of ${String(width).slice(0, 40)} neurons`;
    },
    close: fitter.close,
  };
}

/** Ends training when a signal comes. */
function stopBy(signal: AbortSignal): Stop {
  const check = () => signal.throwIfAborted();
  return {
    check,
    async pause() {
      check();
    },
    race<T>(work: Promise<T>): Promise<T> {
      work.catch(() => {});
      return new Promise<T>((resolve, reject) => {
        const onAbort = () => reject(signal.reason);
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort);
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
      });
    },
  };
}
