import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed, activations } from '../network/activations.js';
import { triedActivations } from '../network/families.js';

/** One hypothesis about the activation: what students are trained with, and what it may turn out to be. */
export interface Candidate {
  /** The activation as asked for, or as reported where nothing was asked. */
  readonly activation: ActivationName;
  /** What students compute: leaky ReLU is ReLU with an affine path, whatever its slope. */
  readonly trained: ActivationName;
  /** Whether the slope below zero is free: found from the affine path. */
  readonly leaky: boolean;
  /** Whether the target has a linear path from inputs to outputs beside its neurons, whatever its activation. */
  readonly path?: boolean;
}

/** The hypotheses to try, in order: one where the activation is given, one a family for `auto`. */
export function candidatesFor(activation: ActivationName | 'auto'): Candidate[] {
  if (activation === 'auto') {
    return triedActivations.map((name) => ({ ...given(name), leaky: name === 'relu' }));
  }
  return [given(activation)];
}

function given(activation: ActivationName): Candidate {
  return {
    activation,
    trained: activations[activation].trained,
    leaky: activation === 'leaky_relu',
  };
}

/** Checks the name of an activation, or `auto`; throws `InputError` with the list otherwise. */
export function checkActivation(name: string): ActivationName | 'auto' {
  if (name === 'auto') return 'auto';
  try {
    return activationNamed(name).name;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${error.message}, or auto`);
    throw error;
  }
}
