import { InputError } from '../base/errors.js';
import type { LayerNorm } from './layer-norm.js';
import type { Layer, Network } from './network.js';

/** A vector with its name. */
interface Named {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Whether an array has the name of gains or shifts of a normalisation. */
export const isOfNorm = ({ name }: Pick<Named, 'name'>): boolean => pattern.test(name);

const pattern = /^norm\.(\d{1,3})\.(weight|bias)$/;

/**
 * Gains and shifts of hidden layers whose sums are normalised, as files have them: "norm.0.weight" and "norm.0.bias" of
 * the layer whose matrix is "0.weight", "norm.2.weight" of the next.
 */
export function normArrays({
  norms = [],
}: Network): { readonly name: string; readonly values: Float64Array }[] {
  return norms.flatMap((norm, index) =>
    norm === null
      ? []
      : [
          { name: `norm.${2 * index}.weight`, values: norm.gains },
          { name: `norm.${2 * index}.bias`, values: norm.shifts },
        ],
  );
}

/** What is added to the variances, as text: commas between hidden layers, nothing for those that are not normalised. */
export const epsilonText = (norms: readonly (LayerNorm | null)[]): string =>
  norms.map((norm) => norm?.epsilon ?? '').join(',');

/**
 * The normalisations that arrays with such names and the text of their epsilons are; undefined where there is none.
 * Throws `InputError` that names what is missing.
 */
export function normsFromArrays(
  arrays: readonly Named[],
  epsilons: unknown,
  layers: readonly Layer[],
): (LayerNorm | null)[] | undefined {
  if (arrays.length === 0) return undefined;
  const hidden = layers.slice(0, -1);
  const words = typeof epsilons === 'string' ? epsilons.split(',') : [];
  const stray = arrays.find(({ name }) => {
    const place = Number(name.match(pattern)![1]);
    return place % 2 !== 0 || place / 2 >= hidden.length;
  });
  if (stray) throw new InputError(`holds '${stray.name}', expected one of ${hidden.length} hidden layers`);
  return hidden.map(({ outputs }, index) => {
    const [gains, shifts] = ['weight', 'bias'].map((part) => {
      const name = `norm.${2 * index}.${part}`;
      const found = arrays.find((array) => array.name === name);
      if (found && found.data.length !== outputs) {
        throw new InputError(`'${name}' has ${found.data.length} numbers, expected ${outputs}`);
      }
      return found;
    });
    if (gains === undefined && shifts === undefined) return null;
    const epsilon = words[index]?.trim() ? Number(words[index]) : Number.NaN;
    if (gains === undefined || shifts === undefined || !(epsilon >= 0)) {
      throw new InputError(
        `holds a normalisation of hidden layer ${index + 1} in part, expected its weight, its bias and its epsilon in the metadata`,
      );
    }
    return { gains: gains.data, shifts: shifts.data, epsilon };
  });
}
