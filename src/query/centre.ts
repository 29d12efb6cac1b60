import type { Dataset } from '../records.js';
import type { OutputStatistics } from './precision.js';
import { type Source, sourceOver } from './source.js';

/** An output whose mean is so many deviations away from 0 is centred: what varies would be lost in its digits. */
const farFromZero = 64;

/**
 * Per output what is taken away from its answers before anything is fitted, 0 for most: a number of few digits near its
 * mean, so that the difference from a nearby answer is exact. Undefined where no output needs it.
 */
export function offsetsOf({ means, deviations }: OutputStatistics): Float64Array | undefined {
  const offsets = means.map((mean, k) =>
    deviations[k] > 0 && Math.abs(mean) > farFromZero * deviations[k] ? Math.fround(mean) : 0,
  );
  return offsets.some((offset) => offset !== 0) ? offsets : undefined;
}

/** A source whose answers are those of another less their offsets (o). */
export function centreOutputs(source: Source, offsets: Float64Array): Source {
  const o = offsets.length;
  const less = (answers: Float64Array) => answers.map((value, i) => value - offsets[i % o]);
  const centred = (dataset: Dataset): Dataset => ({ ...dataset, outputs: less(dataset.outputs) });
  return sourceOver(source, {
    offsets,
    collect(subspace) {
      const collection = source.collect(subspace);
      return { take: async (spread, count) => centred(await collection.take(spread, count)) };
    },
    drawHeldOut: async () => centred(await source.drawHeldOut()),
    ask: async (inputs, count, purpose) => less(await source.ask(inputs, count, purpose)),
    askAnswers: async (inputs, count, purpose) => less(await source.askAnswers(inputs, count, purpose)),
    answers() {
      const { kept, given } = source.answers();
      return { kept: kept.map(centred), given };
    },
  });
}
