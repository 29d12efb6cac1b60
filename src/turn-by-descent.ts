import { extraColumns, type ShallowShape, splitParameters } from './network/shallow.js';
import type { Fitter } from './optimise/fit.js';
import { type Polished, polish } from './polish/polish.js';
import type { Oriented } from './reconstruct/resolve-mirrors.js';
import { likelySigns } from './reconstruct/try-signs.js';
import type { Dataset, KnownLayer } from './records.js';

/** Choices of signs that are tried at most. */
const mostChoices = 24;

/** Neurons of the last hidden layer with their signs, and the network without an affine path that they end in. */
export interface TurnedByDescent extends Pick<Oriented, 'incoming' | 'signs'> {
  readonly behind: Polished;
}

/**
 * The signs of the last hidden layer's neurons where the affine path beside them does not tell them exactly: networks
 * without the path descend from the likeliest choices, and the only one that comes down to `tolerance` is right.
 * Undefined where none does, or several. The layers before must have their signs.
 */
export async function turnByDescent(
  { shape, parameters }: { readonly shape: ShallowShape; readonly parameters: Float64Array },
  known: readonly KnownLayer[],
  tolerance: number,
  dataset: Dataset,
  fitter: Fitter,
): Promise<TurnedByDescent | undefined> {
  const { oriented, activation, slope } = known[known.length - 1];
  if (!oriented || !shape.skip) return undefined;
  const { inputs: d, hidden: m, outputs: o } = shape;
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const columns = m + extraColumns(shape);
  const skip = new Float64Array(o * d);
  const maps = new Float64Array(m * o * d);
  for (let i = 0; i < o; i++) {
    for (let k = 0; k < d; k++) {
      skip[i * d + k] = outgoing[i * columns + m + k];
      for (let j = 0; j < m; j++) {
        maps[(j * o + i) * d + k] = outgoing[i * columns + j] * incoming[j * (d + 1) + k];
      }
    }
  }
  const half = (1 + slope) / (2 * (1 - slope));
  const found: TurnedByDescent[] = [];
  for (const signs of likelySigns(skip, maps, half, mostChoices)) {
    const turned = incoming.map((value, i) => value * signs[Math.floor(i / (d + 1))]);
    const behind = await polish(activation, slope, turned, dataset, fitter);
    if (!(behind.loss <= tolerance)) continue;
    const own = splitParameters(behind.shape, behind.parameters).incoming.slice();
    found.push({ incoming: own, signs: { kind: 'resolved', signs, half, residual: 0 }, behind });
    if (found.length > 1) return undefined;
  }
  return found[0];
}
