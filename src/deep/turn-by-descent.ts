import { type ShallowShape, splitParameters } from '../network/shallow.js';
import type { Fitter } from '../optimise/fit.js';
import { type Polished, polish } from '../polish/polish.js';
import { affineParts, type Oriented } from '../reconstruct/resolve-mirrors.js';
import { likelySigns } from '../reconstruct/try-signs.js';
import type { Dataset, KnownLayer } from '../records.js';

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
  const { incoming } = splitParameters(shape, parameters);
  const { skip, maps } = affineParts(shape, parameters);
  const half = (1 + slope) / (2 * (1 - slope));
  const found: TurnedByDescent[] = [];
  for (const signs of likelySigns(skip, maps, half, mostChoices)) {
    const turned = incoming.map((value, i) => value * signs[Math.floor(i / (shape.inputs + 1))]);
    const behind = await polish(activation, slope, turned, dataset, fitter);
    if (!(behind.loss <= tolerance)) continue;
    const own = splitParameters(behind.shape, behind.parameters).incoming.slice();
    found.push({ incoming: own, signs: { kind: 'resolved', signs, half, residual: 0 }, behind });
    if (found.length > 1) return undefined;
  }
  return found[0];
}
