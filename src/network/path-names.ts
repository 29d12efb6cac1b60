import { InputError } from '../base/errors.js';
import type { Layer, Network, Path } from './network.js';

/** The name of a path's weights in files: path.FROM.TO.weight, FROM 0 for the inputs. */
export const nameOfPath = ({ from, to }: Pick<Path, 'from' | 'to'>): string => `path.${from}.${to}.weight`;

/** A matrix with its name. */
interface Named {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Whether an array has the name of a path's weights. */
export const isPath = ({ name }: Pick<Named, 'name'>): boolean => pattern.test(name);

const pattern = /^path\.(\d{1,3})\.(\d{1,3})\.weight$/;

/** The paths that arrays with such names are, past some of the given layers. Throws `InputError` that names the array. */
export function pathsFromArrays(arrays: readonly Named[], layers: readonly Layer[]): Path[] {
  const widths = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  return arrays.map(({ name, shape, data }) => {
    const [from, to] = name.match(pattern)!.slice(1).map(Number);
    if (!(from + 1 < to && to < widths.length)) {
      throw new InputError(`holds '${name}', expected a path past one of ${layers.length - 1} hidden layers`);
    }
    if (shape.length !== 2 || shape[0] !== widths[to] || shape[1] !== widths[from]) {
      throw new InputError(
        `'${name}' has the shape (${shape.join(', ')}), expected (${widths[to]}, ${widths[from]})`,
      );
    }
    return { from, to, weights: data };
  });
}

/** The linear paths past layers, in words. */
export function describePaths({ paths = [], layers }: Network): string {
  const placeOf = (layer: number) => (layer === 0 ? 'inputs' : `hidden layer ${layer}`);
  return paths
    .map(({ from, to }) => {
      const end = to === layers.length ? 'outputs' : `hidden layer ${to}`;
      return `linear, from ${placeOf(from)} to ${end}`;
    })
    .join('; ');
}
