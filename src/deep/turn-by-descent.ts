import { type ShallowNetwork, splitParameters } from '../network/shallow.js';
import { turnRows } from '../numeric/signs.js';
import type { Fitter } from '../optimise/fit.js';
import { turnLastBySamples } from '../peel/turn-last-by-samples.js';
import { type PolishedShallow, polish } from '../polish/polish.js';
import { affineParts, type Oriented } from '../reconstruct/resolve-mirrors.js';
import { likelySigns } from '../reconstruct/try-signs.js';
import type { Dataset, KnownLayer } from '../records.js';

/** Choices of signs that are tried at most. */
const mostChoices = 24;

/** Neurons of the last hidden layer with their signs, and the network without an affine path that they end in. */
export interface TurnedByDescent extends Pick<Oriented, 'incoming' | 'signs'> {
  readonly behind: PolishedShallow;
}

/**
 * The signs of the last hidden layer's neurons where the affine path beside them does not tell them exactly: the samples
 * tell them, or networks without the path descend from the likeliest choices, and the only one that comes down to
 * `tolerance` is right.
 * Undefined where none does, or several. The layers before must have their signs.
 */
export async function turnByDescent(
  { shape, parameters }: ShallowNetwork,
  known: readonly KnownLayer[],
  tolerance: number,
  dataset: Dataset,
  fitter: Fitter,
): Promise<TurnedByDescent | undefined> {
  const { oriented, activation, slope } = known[known.length - 1];
  if (!oriented || !shape.skip) return undefined;
  const half = (1 + slope) / (2 * (1 - slope));
  const descendFrom = async (signs: readonly (1 | -1)[], start: Float64Array) => {
    const behind = await polish(activation, slope, start, dataset, fitter);
    if (!(behind.loss <= tolerance)) return undefined;
    const own = splitParameters(behind.shape, behind.parameters).incoming.slice();
    return { incoming: own, signs: { kind: 'resolved', signs, half, residual: 0 }, behind } as const;
  };
  const told = slope === 0 ? turnLastBySamples({ shape, parameters }, dataset) : undefined;
  const first = told && (await descendFrom(told.signs, told.incoming));
  if (first !== undefined) return first;
  const { incoming } = splitParameters(shape, parameters);
  const { skip, maps } = affineParts(shape, parameters);
  const choices = told === undefined ? likelySigns(skip, maps, half, mostChoices) : [told.signs];
  const found: TurnedByDescent[] = [];
  for (const signs of choices) {
    const descended = await descendFrom(signs, turnRows(incoming, signs));
    if (descended === undefined) continue;
    found.push(descended);
    if (found.length > 1) return undefined;
  }
  return found[0];
}
