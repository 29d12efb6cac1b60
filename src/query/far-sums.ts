import { type HeadAccuracy, isAsWritten } from '../network/head.js';
import type { Dataset } from '../records.js';
import { type FarSums, toSums } from './behind-head.js';

/**
 * Sums that grow: so small a share of rows is known far out, and so small a part of those known nearby. Of 24 classifiers
 * (six activations, random and trained, behind a softmax and a sigmoid, float32) those of growing neurons had at most 0.53
 * and 0.53, those of bounded ones 1. Bounded sums that a head saturates nearby as well say nothing, and neither does a head
 * whose limits are extremes of the answers: a tanh neuron's own are taken for those of a clip. Where answers are rounded to
 * a grid, 0 is common far out: digits-softmax-4-decimals, of tanh neurons, was looked for among what grows.
 */
const growing = { known: 0.6, ofNear: 0.75 };

/** What sums before a head come to far out (method.md §11), from answers nearby and those that were got there. */
export function tellOfSums(head: HeadAccuracy, near: Dataset, far: readonly Dataset[]): FarSums {
  const knownOf = (answers: Dataset) => toSums(head, answers).count / answers.count;
  const known = far.map(knownOf);
  const [first = 1] = known;
  return {
    areKnown: far.length > 0 && known.every((share) => share === 1),
    grow:
      isAsWritten(head.head) &&
      head.quanta.every((quantum) => quantum === 0) &&
      first <= growing.known &&
      first <= growing.ofNear * knownOf(near),
  };
}
