import { type ActivationName, activations } from '../../network/activations.js';
import { forward } from '../../network/forward.js';
import type { Network } from '../../records.js';
import { activationInTurn, type Draw, drawSizes, drawSlope, suiteActivations } from './draw.js';
import { drawShallow, sizesOf } from './networks.js';
import { drawNeurons, networkOf } from './neurons.js';
import type { Answers, Draft } from './problem.js';

/** Neurons and a linear path beside them, as strong as they are or much weaker. */
export function linearPath(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const sizes = drawSizes(draw);
  const network = networkOf(draw, activation, drawSlope(draw, activation), drawNeurons(draw, sizes));
  const size = draw.chance(0.7) ? draw.between(0.3, 2) : draw.logBetween(1e-8, 1e-1);
  const rows = Array.from({ length: sizes.o }, () => draw.direction(sizes.d).map((value) => size * value));
  const variant = `${activation} ${sizesOf(network)}, path of size ${size.toExponential(1)}`;
  const paths = [{ from: 0, to: 2, weights: Float64Array.from(rows.flat()) }];
  // a path beside even + linear neurons is a sum with what mirrored ones leave: nobody can know its parts
  const truth = activations[activation].symmetry === 'even-linear' ? null : { ...network, paths };
  const exact: Answers = (inputs, count) => forward({ ...network, paths }, inputs, count);
  return { variant, inputDimension: sizes.d, exact, truth, activation };
}

/** tanh and sigmoid neurons are the same: a layer of both is no mixture. */
const familyOf = (name: ActivationName) => (name === 'sigmoid' ? 'tanh' : name);

/** Neurons of two activations in one layer. */
export function twoActivations(draw: Draw): Draft {
  const first = activationInTurn(draw);
  const second = draw.pick(suiteActivations.filter((name) => familyOf(name) !== familyOf(first)));
  const sizes = drawSizes(draw, 2);
  const own = draw.integer(1, sizes.r - 1);
  const parts = [
    networkOf(draw, first, drawSlope(draw, first), drawNeurons(draw, { ...sizes, r: own })),
    networkOf(draw, second, drawSlope(draw, second), drawNeurons(draw, { ...sizes, r: sizes.r - own })),
  ];
  const exact: Answers = (inputs, count) => {
    const [a, b] = parts.map((part) => forward(part, inputs, count));
    return a.map((value, i) => value + b[i]);
  };
  const variant = `${own} ${first}, ${sizes.r - own} ${second} of ${sizes.d} inputs`;
  return { variant, inputDimension: sizes.d, exact, truth: null, activation: first };
}

/** Largest exponent of an exponential head: beyond, answers would overflow far out. */
const largestExponent = 60;

const softmax = (row: Float64Array): Float64Array => {
  const largest = Math.max(...row);
  const parts = row.map((value) => Math.exp(value - largest));
  const sum = parts.reduce((total, value) => total + value, 0);
  return parts.map((value) => value / sum);
};

const heads: Readonly<Record<string, (row: Float64Array) => Float64Array>> = {
  sigmoid: (row) => row.map((value) => activations.sigmoid.value(value, 0)),
  tanh: (row) => row.map(Math.tanh),
  softmax,
  clip: (row) => row.map((value) => Math.min(0.7, Math.max(-0.6, value))),
  exp: (row) => row.map((value) => Math.exp(Math.min(value, largestExponent))),
};

/** Something after the last layer. */
export function headed(draw: Draw): Draft {
  const head = draw.pick(Object.keys(heads));
  const network = withOutputs(draw, head === 'softmax');
  const exact = afterHead(network, heads[head]);
  const variant = `${network.activation} ${sizesOf(network)}, ${head}`;
  const inputDimension = network.layers[0].inputs;
  return { variant, inputDimension, exact, truth: null, activation: network.activation };
}

/** A network with one hidden layer, with two outputs or more where there are to be several. */
function withOutputs(draw: Draw, several: boolean): Network {
  if (!several) return drawShallow(draw);
  const activation = activationInTurn(draw);
  const sizes = { ...drawSizes(draw, 2), o: draw.integer(2, 3) };
  return networkOf(draw, activation, drawSlope(draw, activation), drawNeurons(draw, sizes));
}

/** The network's outputs, each row through the head, which may give another number of them. */
export function afterHead(network: Network, head: (row: Float64Array) => Float64Array): Answers {
  const o = network.layers[network.layers.length - 1].outputs;
  return (inputs, count) => {
    const outputs = forward(network, inputs, count);
    const rows = Array.from({ length: count }, (_, n) => head(outputs.subarray(n * o, (n + 1) * o)));
    const answers = new Float64Array(count * rows[0].length);
    for (const [n, row] of rows.entries()) answers.set(row, n * row.length);
    return answers;
  };
}
