import { InputError } from '../../base/errors.js';
import type { Network } from '../../records.js';

/** What stands for no bound: the largest number of float32. */
const unbounded = 3.4028234663852886e38;

/**
 * A ReLU network as a .nnet file (https://github.com/sisl/NNet), whose inputs and outputs are not normalised. The
 * numbers read back to the same float64. Throws `InputError` for other activations, for heads, for paths and for
 * normalisations, which the format has not.
 */
export function encodeNnet({ activation, activations, norms, layers, paths, head }: Network): string {
  if (head !== undefined) {
    throw new InputError(`the network has a ${head.name} head, expected none, as .nnet files have none`);
  }
  if (paths !== undefined && paths.length > 0) {
    throw new InputError('the network has a linear path, expected none, as .nnet files have none');
  }
  if (norms !== undefined) {
    throw new InputError('the network has a layer normalisation, expected none, as .nnet files have none');
  }
  if (activation !== 'relu' || activations !== undefined) {
    throw new InputError(
      `the network has the activation ${activation}, expected relu, which alone .nnet files have`,
    );
  }
  const sizes = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  const inputs = sizes[0];
  const line = (values: Iterable<number>) => `${[...values].join(',')},`;
  const lines = [
    '// written by expand-and-cluster',
    line([layers.length, inputs, sizes[layers.length], Math.max(...sizes)]),
    line(sizes),
    '0,',
    line(new Array(inputs).fill(-unbounded)),
    line(new Array(inputs).fill(unbounded)),
    line(new Array(inputs + 1).fill(0)),
    line(new Array(inputs + 1).fill(1)),
  ];
  for (const { inputs: width, weights, biases } of layers) {
    for (let j = 0; j < biases.length; j++) lines.push(line(weights.subarray(j * width, (j + 1) * width)));
    for (const bias of biases) lines.push(line([bias]));
  }
  return `${lines.join('\n')}\n`;
}
