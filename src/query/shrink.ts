import { randomStream } from '../base/random.js';
import type { Dataset } from '../records.js';
import { drawInputs } from './collect.js';
import { measureOutputs } from './precision.js';
import { type Source, sourceOver } from './source.js';

/** Points that are asked at every size, and the sizes: 2, the first queries' spread, and 1, ½, … of that. */
const look = { points: 64, spread: 2, halvings: 12 };

/** Answers that vary by this share of what they do at the usual size vary no less there. */
const asMuch = 0.75;

/**
 * Where that goes on for fewer halvings the size is near enough to the usual one; and what does not vary less at last
 * either has steps.
 */
const saturated = { halvings: 3, least: 0.4 };

/** Fresh queries that nothing is fitted to, as many as of a target of usual size. */
const heldOut = 1000;

/**
 * The factor, a power of two, by which usual inputs are too large for a target: answers that vary as much at a small
 * fraction of their size come from neurons that are saturated everywhere else, and show no slopes. 1 where the size is
 * right, or nothing tells a better one. Asks `look.points` queries a size.
 */
export async function usualSize(source: Source, seed: number): Promise<number> {
  const d = source.inputDimension;
  const random = randomStream(seed, 'usual size');
  const points = Float64Array.from({ length: look.points * d }, () => look.spread * random.normal());
  const vary: number[] = [];
  let usual: Float64Array | undefined;
  for (let k = 0; k <= look.halvings; k++) {
    const factor = 2 ** -k;
    const inputs = points.map((value) => factor * value);
    const outputs = await source.ask(inputs, look.points, 'row space');
    const outputDimension = outputs.length / look.points;
    const { deviations } = measureOutputs({
      inputs,
      outputs,
      count: look.points,
      inputDimension: d,
      outputDimension,
    });
    usual ??= deviations;
    const ratios = deviations.map((deviation, i) => (usual![i] > 0 ? deviation / usual![i] : 0));
    vary.push(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length);
  }
  const first = vary.findIndex((share) => !(share >= asMuch));
  const isSaturated = first - 1 >= saturated.halvings && vary[look.halvings] < saturated.least;
  return isSaturated ? 2 ** -(first - 1) : 1;
}

/**
 * The source in coordinates in which its neurons are not saturated everywhere, where they are that at inputs of the usual
 * size; undefined where they are not, where that cannot be asked, and for one input alone.
 */
export async function nearerSource(source: Source, seed: number): Promise<Source | undefined> {
  if (source.inputDimension === 1 || !source.seesFar || source.frame !== undefined) return undefined;
  const factor = await usualSize(source, seed);
  return factor < 1 ? shrinkInputs(source, factor, seed) : undefined;
}

/**
 * A source in coordinates u of which the inputs are `factor`·u: everything that is asked lies that much nearer to the
 * origin, and the weights come back through its frame. For sources that have none and no bounds.
 */
export function shrinkInputs(source: Source, factor: number, seed: number): Source {
  const d = source.inputDimension;
  const inside = (coordinates: Float64Array) => coordinates.map((u) => factor * u);
  const outside = (dataset: Dataset): Dataset => ({
    ...dataset,
    inputs: dataset.inputs.map((x) => x / factor),
  });
  const askAnswers: Source['askAnswers'] = (coordinates, count, purpose) =>
    source.askAnswers(inside(coordinates), count, purpose);
  return sourceOver(source, {
    frame: { shifts: new Float64Array(d), scales: new Float64Array(d).fill(factor) },
    collect(subspace) {
      const collection = source.collect(subspace);
      return {
        take: async (spread, count) => outside(await collection.take(factor * spread, count)),
      };
    },
    measureNoise: (samples, scales) =>
      source.measureNoise({ ...samples, inputs: inside(samples.inputs) }, scales),
    findSubspace: (spread, relativeError, seen) => source.findSubspace(factor * spread, relativeError, seen),
    async drawHeldOut() {
      const inputs = drawInputs([seed, 'held-out'], heldOut, d, 1);
      const outputs = await askAnswers(inputs, heldOut, 'held-out');
      const outputDimension = outputs.length / heldOut;
      return { inputs, outputs, count: heldOut, inputDimension: d, outputDimension };
    },
    ask: (coordinates, count, purpose) => source.ask(inside(coordinates), count, purpose),
    askAnswers,
    answers() {
      const { kept, given } = source.answers();
      return { kept: kept.map(outside), given };
    },
  });
}
