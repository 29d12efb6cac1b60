import { randomStream } from '../../base/random.js';
import type { Network } from '../../records.js';
import type { Draw } from './draw.js';
import { drawShallow, sizesOf } from './networks.js';
import { asDraft } from './neurons.js';
import { type Draft, float64 } from './problem.js';

/** A box: around the origin, off-centre, narrow, or of another width for every input. */
const boxes: Readonly<Record<string, (draw: Draw) => readonly [number, number]>> = {
  symmetric: (draw) => {
    const half = draw.logBetween(0.5, 10);
    return [-half, half];
  },
  'off-centre': (draw) => {
    const [middle, half] = [draw.sign() * draw.logBetween(1, 100), draw.between(0.5, 5)];
    return [middle - half, middle + half];
  },
  narrow: (draw) => {
    const [middle, half] = [draw.between(-5, 5), draw.logBetween(1e-4, 1e-1)];
    return [middle - half, middle + half];
  },
  unequal: (draw) => {
    const half = draw.logBetween(1e-2, 1e2);
    return [-half * draw.between(0, 1), half];
  },
};

/** A network within bounds, most often one that bends inside of them. */
export function bounds(draw: Draw): Draft {
  const network = drawShallow(draw);
  const d = network.layers[0].inputs;
  const name = draw.pick(Object.keys(boxes));
  const ranges = Array.from({ length: d }, () => boxes[name](draw));
  const isFitted = draw.chance(0.7);
  const truth = isFitted ? intoBox(network, ranges) : network;
  return {
    ...asDraft(
      truth,
      `${truth.activation} ${sizesOf(truth)}, ${name}${isFitted ? '' : ', not fitted to it'}`,
    ),
    bounds: ranges,
  };
}

/** A network for inputs in [−2, 2] as one for inputs in the box. */
function intoBox(network: Network, ranges: readonly (readonly [number, number])[]): Network {
  const [first, ...others] = network.layers;
  const { inputs: d } = first;
  const factors = ranges.map(([lower, upper]) => 4 / (upper - lower));
  const weights = first.weights.map((weight, i) => weight * factors[i % d]);
  const biases = first.biases.map((bias, j) =>
    ranges.reduce((sum, [lower, upper], k) => sum - (weights[j * d + k] * (lower + upper)) / 2, bias),
  );
  return { ...network, layers: [{ ...first, weights, biases }, ...others] };
}

/** How the inputs of given pairs are distributed. */
const distributions = ['gaussian', 'uniform', 'subspace', 'few', 'shifted', 'float32 answers'] as const;

/** Pairs alone: nothing can be asked. */
export function pairs(draw: Draw): Draft {
  const network = drawShallow(draw, 1);
  const d = network.layers[0].inputs;
  const name = draw.pick(distributions);
  const rank = name === 'subspace' ? draw.integer(1, d) : d;
  const basis = Array.from({ length: rank }, () => draw.direction(d));
  const [shift, size] = name === 'shifted' ? [draw.between(-20, 20), draw.logBetween(0.1, 10)] : [0, 1];
  const count = name === 'few' ? draw.integer(20, 200) : draw.integer(400, 3000);
  const label = draw.random.integer(2 ** 31);
  const inputsOf = (what: string, rows: number): Float64Array => {
    const random = randomStream('pairs', label, what);
    const inputs = new Float64Array(rows * d);
    for (let n = 0; n < rows; n++) {
      const z = Array.from({ length: rank }, () =>
        name === 'uniform' ? 4 * random.uniform() - 2 : random.normal(),
      );
      for (let k = 0; k < d; k++) {
        const along = name === 'subspace' ? basis.reduce((sum, row, i) => sum + z[i] * row[k], 0) : z[k];
        inputs[n * d + k] = shift + size * along;
      }
    }
    return inputs;
  };
  const base = asDraft(network, `${network.activation} ${sizesOf(network)}, ${name}, ${count} pairs`);
  const inputs = inputsOf('given', count);
  const exact = base.exact(inputs, count);
  const isFloat32 = name === 'float32 answers';
  const outputs = isFloat32 ? exact.map(Math.fround) : exact;
  const dataset = { inputs, outputs, count, inputDimension: d, outputDimension: outputs.length / count };
  return {
    ...base,
    pairs: { dataset, fresh: (rows) => inputsOf('fresh', rows) },
    ...(isFloat32 && { precision: { ...float64, name: 'float32', relative: 2 ** -24 } as const }),
  };
}
