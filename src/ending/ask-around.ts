import { randomStream } from '../base/random.js';
import type { DeepNetwork } from '../network/deep.js';
import { residualsOf } from '../polish/loss.js';
import { withoutUnknown } from '../query/behind-head.js';
import { scaleOutputs } from '../query/precision.js';
import type { Dataset } from '../records.js';
import type { EndingContext } from './context.js';

/** Contradicted queries around which more is asked, and the queries around each, for every input. */
const centres = { most: 6, perInput: 6 };

/** Steps from a query whose answer is right to one whose is not. */
const bisections = 16;

/**
 * Clouds of fresh answers (scaled) around contradicted queries that lie apart, and around where the error has half its
 * size on the way there from the nearest of the usual samples: there the missing neuron bends. `wrong` is unscaled.
 */
export async function askAround(
  network: DeepNetwork,
  wrong: Dataset,
  usual: Dataset,
  context: EndingContext,
): Promise<Dataset[]> {
  const { source, accuracy, seed } = context;
  if (source.reach === 0) return [];
  // rounds of mending ask anew, with streams of their own
  const before = source.queries;
  const { inputDimension: d } = wrong;
  const ask = async (points: Float64Array, count: number) => {
    const inputs = source.grid?.nearest(points) ?? points;
    const outputs = await source.ask(inputs, count, 'contradictions');
    return scaleOutputs({ ...wrong, inputs, outputs, count }, accuracy.scales);
  };
  const errorAt = async (point: Float64Array) => Math.hypot(...residualsOf(network, await ask(point, 1)));
  const clouds: Dataset[] = [];
  for (const [index, n] of apart(wrong).entries()) {
    const centre = wrong.inputs.slice(n * d, (n + 1) * d);
    let [right, off] = [nearestTo(centre, usual), centre];
    const half = (await errorAt(centre)) / 2;
    for (let step = 0; step < bisections; step++) {
      const middle = right.map((value, k) => (value + off[k]) / 2);
      if ((await errorAt(middle)) > half) off = middle;
      else right = middle;
    }
    const distance = Math.hypot(...centre.map((value, k) => value - off[k]));
    const count = centres.perInput * (d + 2);
    for (const [place, point] of [centre, off].entries()) {
      const random = randomStream(seed, 'mend', 'around', before, index, place);
      const radius = Math.max(1e-3, 0.5 * distance) / Math.sqrt(d);
      const inputs = Float64Array.from({ length: count * d }, (_, i) => {
        const value = point[i % d] + radius * random.normal();
        return Math.min(source.reach, Math.max(-source.reach, value));
      });
      const cloud = withoutUnknown(await ask(inputs, count));
      if (cloud.count > 0) clouds.push(cloud);
    }
  }
  return clouds;
}

/** Rows of a dataset that lie apart: the first, and always the one farthest from those that are taken, in direction and size. */
export function apart({ inputs, count, inputDimension: d }: Dataset): number[] {
  const rows = Array.from({ length: count }, (_, n) => inputs.subarray(n * d, (n + 1) * d));
  // sizes differ by many decades: distances are relative to them
  const sizes = rows.map((row) => Math.hypot(...row) || 1);
  const away = (a: number, b: number) =>
    Math.hypot(...rows[a].map((value, k) => value - rows[b][k])) / Math.max(sizes[a], sizes[b]);
  const taken = [0];
  const gap = rows.map((_, n) => away(n, 0));
  while (taken.length < Math.min(centres.most, count)) {
    const next = gap.reduce((most, value, n) => (value > gap[most] ? n : most), 0);
    if (!(gap[next] > 0)) break;
    taken.push(next);
    for (let n = 0; n < count; n++) gap[n] = Math.min(gap[n], away(n, next));
  }
  return taken;
}

function nearestTo(point: Float64Array, { inputs, count, inputDimension: d }: Dataset): Float64Array {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < count; n++) {
    let square = 0;
    for (let k = 0; k < d; k++) square += (inputs[n * d + k] - point[k]) ** 2;
    if (square < least) [least, best] = [square, n];
  }
  return inputs.slice(best * d, (best + 1) * d);
}
