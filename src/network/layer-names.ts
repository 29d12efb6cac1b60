import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed } from './activations.js';
import type { Network } from './network.js';

/** The activation of a network in one word, or those of its hidden layers with commas where they differ. */
export const activationText = ({
  activation,
  activations,
}: Pick<Network, 'activation' | 'activations'>): string => activations?.join(', ') ?? activation;

/** The opposite of `activationText`. Throws `InputError` for an unknown name, or a list of another length than `hidden`. */
export function activationsFromText(
  text: string,
  hidden: number,
): Pick<Network, 'activation' | 'activations'> {
  const names = text.split(',').map((name) => activationNamed(name.trim()).name);
  if (names.length > 1 && names.length !== hidden) {
    throw new InputError(
      `names ${names.length} activations, expected one for each of ${hidden} hidden layers`,
    );
  }
  return activationsOf(names);
}

/** The fields of a network whose hidden layers have these activations. */
export function activationsOf(names: readonly ActivationName[]): Pick<Network, 'activation' | 'activations'> {
  const [activation] = names;
  return names.every((name) => name === activation) ? { activation } : { activation, activations: names };
}
