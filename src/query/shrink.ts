import { randomStream } from '../base/random.js';
import { measureOutputs, type OutputStatistics } from './precision.js';
import type { Source } from './source.js';

/** Points that are asked at every size, and the sizes: 2, the first queries' spread, and 1, ½, … of that. */
const look = { points: 64, spread: 2, halvings: 12 };

/** Answers that vary by this share of what they do at the usual size vary no less there. */
const asMuch = 0.75;

/**
 * Where that goes on for fewer halvings the size is near enough to the usual one; and what does not vary less at last
 * either has steps.
 */
const saturated = { halvings: 3, least: 0.4 };

/**
 * The factor, a power of two, by which usual inputs are too large for a target: answers that vary as much at a small
 * fraction of their size come from neurons that are saturated everywhere else, and show no slopes. 1 where the size is
 * right, or nothing tells a better one. Asks `look.points` queries a size, which tell the number type of the answers too.
 */
export async function usualSize(
  source: Source,
  seed: number,
): Promise<{ readonly factor: number; readonly numberType: OutputStatistics['numberType'] }> {
  const d = source.inputDimension;
  const random = randomStream(seed, 'usual size');
  const points = Float64Array.from({ length: look.points * d }, () => look.spread * random.normal());
  const vary: number[] = [];
  let usual: OutputStatistics | undefined;
  for (let k = 0; k <= look.halvings; k++) {
    const factor = 2 ** -k;
    const inputs = points.map((value) => factor * value);
    const outputs = await source.ask(inputs, look.points, 'row space');
    const outputDimension = outputs.length / look.points;
    const seen = measureOutputs({ inputs, outputs, count: look.points, inputDimension: d, outputDimension });
    usual ??= seen;
    const { deviations } = usual;
    const ratios = seen.deviations.map((own, i) => (deviations[i] > 0 ? own / deviations[i] : 0));
    vary.push(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length);
  }
  const first = vary.findIndex((share) => !(share >= asMuch));
  const isSaturated = first - 1 >= saturated.halvings && vary[look.halvings] < saturated.least;
  return { factor: isSaturated ? 2 ** -(first - 1) : 1, numberType: usual!.numberType };
}

/**
 * The source in coordinates in which its neurons are not saturated everywhere, where they are that at inputs of the usual
 * size; undefined where they are not, where that cannot be asked, and for one input alone.
 */
export async function nearerSource(source: Source, seed: number): Promise<Source | undefined> {
  const { inputDimension: d, inFrame, frame, seesFar } = source;
  if (d === 1 || !seesFar || frame !== undefined || inFrame === undefined) return undefined;
  const { factor, numberType } = await usualSize(source, seed);
  if (factor === 1) return undefined;
  return inFrame({ shifts: new Float64Array(d), scales: new Float64Array(d).fill(factor) }, numberType);
}
