import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed } from '../network/activations.js';

/** One hypothesis about the activation: what students are trained with, and what it may turn out to be. */
export interface Candidate {
  /** The activation as asked for, or as reported where nothing was asked. */
  readonly activation: ActivationName;
  /** What students compute: leaky ReLU is ReLU with an affine path, whatever its slope. */
  readonly trained: ActivationName;
  /** Whether the slope below zero is free: found from the affine path. */
  readonly leaky: boolean;
}

/** tanh(z) = 2·sigmoid(2z) − 1: every network of one is a network of the other. */
const sameFamily: Partial<Record<ActivationName, readonly ActivationName[]>> = {
  tanh: ['sigmoid'],
  sigmoid: ['tanh'],
};

/** Activations whose networks are the same functions with other weights. */
export function equivalentTo(activation: ActivationName): readonly ActivationName[] {
  return sameFamily[activation] ?? [];
}

/** The hypotheses to try, in order: one where the activation is given, one a family for `auto`. */
export function candidatesFor(activation: ActivationName | 'auto'): Candidate[] {
  if (activation === 'auto') {
    const families: ActivationName[] = ['tanh', 'relu', 'softplus', 'gelu', 'silu', 'elu', 'g', 'erf'];
    return families.map((name) => ({ ...given(name), leaky: name === 'relu' }));
  }
  return [given(activation)];
}

function given(activation: ActivationName): Candidate {
  return {
    activation,
    trained: activation === 'leaky_relu' ? 'relu' : activation,
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
