import { randomStream } from '../../base/random.js';
import { activations } from '../../network/activations.js';
import type { Target } from '../../query/oracle.js';
import type { Network } from '../../records.js';
import { afterHead } from './compound.js';
import { activationInTurn, type Draw, drawSizes, drawSlope } from './draw.js';
import { drawShallow, sizesOf } from './networks.js';
import { asDraft, drawNeurons, networkOf } from './neurons.js';
import { type Draft, float64 } from './problem.js';

/** A network whose answers have Gaussian noise: the same for the same query, or another every time. */
export function noise(draw: Draw): Draft {
  const truth = drawShallow(draw, 1);
  const sigma = draw.logBetween(1e-8, 1e-1);
  const isRepeating = draw.chance(0.5);
  const name = draw.random.integer(2 ** 31);
  const base = asDraft(truth, '');
  const answers = (): Target => {
    const running = randomStream('running noise', name);
    return (inputs, count) => {
      const outputs = base.exact(inputs, count);
      const o = outputs.length / count;
      const d = inputs.length / count;
      for (let n = 0; n < count; n++) {
        const own = isRepeating
          ? randomStream('noise', name, ...inputs.subarray(n * d, (n + 1) * d))
          : running;
        for (let k = 0; k < o; k++) outputs[n * o + k] += sigma * own.normal();
      }
      return outputs;
    };
  };
  const how = isRepeating ? 'the same for a query' : 'fresh every time';
  return {
    ...base,
    variant: `${truth.activation} ${sizesOf(truth)}, sigma ${sigma.toExponential(1)}, ${how}`,
    answers,
    precision: { ...float64, name: 'noise', absolute: sigma },
  };
}

/** Steps of a grid: decimal, binary, or those of an integer with a scale. */
const grids = [
  (draw: Draw) => 10 ** -draw.integer(1, 9),
  (draw: Draw) => 2 ** -draw.integer(2, 30),
  (draw: Draw) => draw.between(4, 12) / draw.pick([255, 4095, 65535]),
];

/** A network whose answers are rounded to a grid or to significant decimals. */
export function quantisation(draw: Draw): Draft {
  const base = asDraft(drawShallow(draw, 1), '');
  const isGrid = draw.chance(0.5);
  const step = draw.pick(grids)(draw);
  const digits = draw.integer(2, 10);
  const round = isGrid
    ? (value: number) => roundToGrid(value, step)
    : (value: number) => Number(value.toPrecision(digits));
  const truth = base.truth!;
  const words = isGrid ? `steps of ${step.toPrecision(3)}` : `${digits} digits`;
  return {
    ...base,
    variant: `${truth.activation} ${sizesOf(truth)}, ${words}`,
    answers: () => (inputs, count) => base.exact(inputs, count).map(round),
    precision: isGrid
      ? { ...float64, name: 'grid', absolute: step / 2 }
      : { ...float64, name: 'digits', relative: 10 ** (1 - digits) / 2 },
  };
}

/** Rounded to multiples of a step; of a decimal step by its inverse, which is exact. */
function roundToGrid(value: number, step: number): number {
  const inverse = Math.round(1 / step);
  return Math.abs(inverse * step - 1) < 1e-12
    ? Math.round(value * inverse) / inverse
    : Math.round(value / step) * step;
}

/** The class alone of a network with two to four outputs: its number, or one-hot. */
export function labels(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const sizes = { ...drawSizes(draw, 2), o: draw.integer(2, 4) };
  const network = networkOf(draw, activation, drawSlope(draw, activation), drawNeurons(draw, sizes));
  const isOneHot = draw.chance(0.3);
  const exact = afterHead(network, (row) => {
    const best = row.indexOf(Math.max(...row));
    return isOneHot ? row.map((_, k) => (k === best ? 1 : 0)) : Float64Array.of(best);
  });
  const variant = `${activation} ${sizesOf(network)}, ${isOneHot ? 'one-hot' : 'class numbers'}`;
  return { variant, inputDimension: sizes.d, exact, truth: null, activation };
}

/** Inputs or outputs in huge or tiny units; with such inputs sometimes bounds in these units. */
export function scales(draw: Draw): Draft {
  const network = drawShallow(draw);
  const factor = 10 ** draw.between(-12, 12);
  const isInput = draw.chance(0.5);
  const [first, last] = network.layers;
  const truth: Network = {
    ...network,
    layers: isInput
      ? [{ ...first, weights: first.weights.map((value) => value / factor) }, last]
      : [
          first,
          {
            ...last,
            weights: last.weights.map((v) => v * factor),
            biases: last.biases.map((v) => v * factor),
          },
        ],
  };
  const isBounded = isInput && draw.chance(0.5);
  const words = `${isInput ? 'inputs' : 'outputs'} of size ${factor.toExponential(1)}${isBounded ? ', bounds' : ''}`;
  return {
    ...asDraft(truth, `${truth.activation} ${sizesOf(truth)}, ${words}`),
    ...(isBounded && { bounds: [[-3 * factor, 3 * factor]] as const }),
  };
}

/** Large constants on the outputs. */
export function offsets(draw: Draw): Draft {
  const network = drawShallow(draw, 1);
  const offset = draw.sign() * draw.logBetween(1e3, 1e9);
  const [first, last] = network.layers;
  const truth = {
    ...network,
    layers: [first, { ...last, biases: last.biases.map((value) => value + offset) }],
  };
  return asDraft(truth, `${truth.activation} ${sizesOf(truth)}, offset ${offset.toExponential(1)}`);
}

/** Half a unit in the last place of a float32 number of size 1. */
const float32Roundoff = 2 ** -24;

/** Answers in float32; then also weights; then the whole arithmetic. */
export function float32(draw: Draw): Draft {
  const network = drawShallow(draw, 1);
  const stage = draw.turn % 3;
  const truth = stage === 0 ? network : inFloat32(network);
  const base = asDraft(truth, '');
  const words = ['answers', 'answers and weights', 'all arithmetic'][stage];
  return {
    ...base,
    variant: `${truth.activation} ${sizesOf(truth)}, ${words}`,
    answers: () =>
      stage === 2
        ? (inputs, count) => forwardInFloat32(truth, inputs, count)
        : (inputs, count) => base.exact(inputs, count).map(Math.fround),
    precision: {
      ...float64,
      name: 'float32',
      relative: float32Roundoff,
      internal: stage === 2 ? float32Roundoff : 0,
    },
  };
}

function inFloat32(network: Network): Network {
  const layers = network.layers.map((layer) => ({
    ...layer,
    weights: layer.weights.map(Math.fround),
    biases: layer.biases.map(Math.fround),
  }));
  return { ...network, slope: Math.fround(network.slope), layers };
}

/** The network's outputs as float32 arithmetic gives them, inputs rounded as well; the sums from first to last. */
export function forwardInFloat32(network: Network, inputs: Float64Array, count: number): Float64Array {
  const { fround } = Math;
  const { value } = activations[network.activation];
  let rows: Float64Array = inputs.map(fround);
  for (const [index, layer] of network.layers.entries()) {
    const last = index === network.layers.length - 1;
    const next = new Float64Array(count * layer.outputs);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < layer.outputs; j++) {
        let sum = 0;
        for (let k = 0; k < layer.inputs; k++) {
          const product = fround(layer.weights[j * layer.inputs + k] * rows[n * layer.inputs + k]);
          sum = fround(sum + product);
        }
        const z = fround(sum + layer.biases[j]);
        next[n * layer.outputs + j] = last ? z : fround(value(z, network.slope));
      }
    }
    rows = next;
  }
  return rows;
}
