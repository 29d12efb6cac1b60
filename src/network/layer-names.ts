import { InputError } from '../base/errors.js';
import { type ActivationName, activationNamed } from './activations.js';
import type { Layer, Network } from './network.js';

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

/** Slopes of leaky ReLU neurons as text: commas between neurons, semicolons between layers. */
export const slopesText = (slopes: readonly Float64Array[]): string =>
  slopes.map((ofLayer) => ofLayer.join(',')).join(';');

/**
 * The slopes that metadata name for neurons of the given hidden layers; undefined where they name none. Throws
 * `InputError` for another number of them.
 */
export function slopesFromText(
  text: unknown,
  layers: readonly Layer[],
): Pick<Network, 'slope' | 'slopes'> | undefined {
  if (text === undefined) return undefined;
  const lists = typeof text === 'string' ? text.split(';') : [];
  const slopes = lists.map((list) =>
    Float64Array.from(list.split(','), (word) => (word.trim() === '' ? Number.NaN : Number(word))),
  );
  const isRight =
    slopes.length === layers.length - 1 &&
    slopes.every((own, index) => own.length === layers[index].outputs && own.every(Number.isFinite));
  if (!isRight) {
    const counts = layers.slice(0, -1).map(({ outputs }) => outputs);
    throw new InputError(`has slopes in its metadata that are not ${counts.join(' and ')} numbers`);
  }
  return { slope: slopes[0][0], slopes };
}
