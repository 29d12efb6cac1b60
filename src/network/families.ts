import {
  type Activation,
  type ActivationName,
  activationNames,
  activations,
  defaultLeakySlope,
  type Substitution,
} from './activations.js';

/** The last that is tried before any other: those after it, only where none of these is the target's. */
const lastTriedFirst = 8;

/** Whether `auto` tries an activation among the first ones. */
export const isTriedFirst = (name: ActivationName): boolean =>
  (activations[name].tried ?? Number.POSITIVE_INFINITY) <= lastTriedFirst;

/** Whether an activation stays within bounds, rather than growing along a line. */
export function isBounded(name: ActivationName): boolean {
  const limits = activations[name].limits(defaultLeakySlope);
  return limits === null || (limits.left.slope === 0 && limits.right.slope === 0);
}

/** Whether an activation has no kink: its networks have second derivatives everywhere. */
export const isSmooth = (name: ActivationName): boolean => activations[name].kinks.length === 0;

/** Those that `auto` tries, in its order. */
export const triedActivations: readonly ActivationName[] = activationNames
  .filter((name) => activations[name].tried !== null)
  .sort((a, b) => activations[a].tried! - activations[b].tried!);

/** The bounded activation that a step with such tails is read as: the first one tried. */
export function boundedWith(tail: Activation['tail']): ActivationName | undefined {
  return triedActivations.find((name) => isBounded(name) && activations[name].tail === tail);
}

/** The head of an activation's family: itself where it has none. */
export const headOf = (name: ActivationName): ActivationName => activations[name].family?.of ?? name;

/** Other activations whose networks are the same functions with other weights. */
export const relativesOf = (name: ActivationName): readonly ActivationName[] =>
  activationNames.filter((other) => other !== name && headOf(other) === headOf(name));

/** How `from` is written with `to`; undefined where they are not of one family. */
export function substitutionOf(from: ActivationName, to: ActivationName): Substitution | undefined {
  if (headOf(from) !== headOf(to)) return undefined;
  const same = { steepness: 1, shift: 0, factor: 1, constant: 0 };
  const outward = activations[from].family ?? same;
  const { steepness, shift, factor, constant } = activations[to].family ?? same;
  // σ(z) = c + q·τ(p·z + s) and ρ(y) = γ + φ·τ(π·y + ς): τ(u) = (ρ((u − ς)/π) − γ)/φ
  const gain = outward.factor / factor;
  return {
    steepness: outward.steepness / steepness,
    shift: (outward.shift - shift) / steepness,
    factor: gain,
    constant: outward.constant - gain * constant,
  };
}
