import { candidatesFor } from '../expand/candidates.js';
import { type ActivationName, activations } from '../network/activations.js';
import { headOf, isBounded, isTriedFirst } from '../network/families.js';

/** The hypotheses that may be, as far as the far field tells whether the target grows there. */
export function hypothesesFor(
  activation: ActivationName | 'auto',
  grows: boolean | undefined,
): ActivationName[] {
  const candidates = candidatesFor(activation).map((candidate) => candidate.trained);
  const all = candidates.length === 1 ? candidates : candidates.filter(isTriedFirst);
  const likely = all.filter((name) => grows === undefined || grows !== isBounded(name));
  return likely.length > 0 ? likely : all;
}

/** Whether an activation that the far field shows is among those that may be the target's. */
export function isWanted(shown: ActivationName | undefined, wanted: ActivationName | 'auto'): boolean {
  if (shown === undefined) return false;
  return wanted === 'auto' || headOf(activations[wanted].trained) === headOf(shown);
}
