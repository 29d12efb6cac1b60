import type { Axes } from '../closed-form/axes.js';
import { type BentNeuron, findBentNeurons } from '../closed-form/bent-layer.js';
import type { Field } from '../closed-form/field.js';
import type { Candidate } from '../expand/candidates.js';
import type { Reached } from '../expand/search.js';
import { type ActivationName, activations } from '../network/activations.js';
import { triedActivations } from '../network/families.js';
import type { Search } from '../problem/problem.js';
import { trainFrom } from './train-closed.js';

/**
 * Neurons of a target with one hidden layer that is straight but for its bends, however many there are: read off bends
 * along lines, and a student that starts from them. Students at the floor, or undefined where the target is none of
 * these.
 */
export async function searchBends(
  candidate: Candidate,
  field: Field,
  axes: Axes,
  search: Search,
): Promise<Reached | undefined> {
  for await (const neurons of findBentNeurons(field, search.attempt.settings.seed)) {
    const reached = await trainFrom(incomingOf(neurons), candidate, axes, search);
    if (reached !== undefined) return { ...reached, excluded: notStraight };
  }
  return undefined;
}

/** Incoming vectors (m × (k + 1), bias last) of neurons. */
const incomingOf = (neurons: readonly BentNeuron[]): Float64Array =>
  Float64Array.from(neurons.flatMap(({ row, bias }) => [...row, bias]));

/** Places at which a slope is compared with that beside it, with a kink between the two or none. */
const places = Array.from({ length: 161 }, (_, i) => -8 + i / 10 + 0.013);

/** Whether an activation is straight between its kinks: no other one has neurons whose answers are. */
function isStraight(name: ActivationName): boolean {
  const { derivative, kinks } = activations[name];
  return places.slice(1).every((z, i) => {
    const isKinked = kinks.some((kink) => kink > places[i] && kink <= z);
    return isKinked || derivative(z, 0.01) === derivative(places[i], 0.01);
  });
}

const notStraight = triedActivations.filter((name) => !isStraight(name));
