import { forward } from '../../network/forward.js';
import type { Layer, Network } from '../../records.js';
import { activationInTurn, type Draw, drawSizes, drawSlope } from './draw.js';
import { asDraft, drawNeurons, networkOf } from './neurons.js';
import type { Draft } from './problem.js';

/** One hidden layer and nothing special, every activation in turn. */
export function plain(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const truth = drawShallow(draw, 1);
  return asDraft(truth, `${activation} ${sizesOf(truth)}`);
}

/** A network with one hidden layer of `least` neurons or more, the activations in turn. */
export function drawShallow(draw: Draw, least = 2): Network {
  const activation = activationInTurn(draw);
  return networkOf(draw, activation, drawSlope(draw, activation), drawNeurons(draw, drawSizes(draw, least)));
}

/** One hidden neuron. */
export function oneNeuron(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const neurons = drawNeurons(draw, { ...drawSizes(draw), r: 1 });
  const truth = networkOf(draw, activation, drawSlope(draw, activation), neurons);
  return asDraft(truth, `${activation} ${sizesOf(truth)}`);
}

/** Widths and inputs of deep targets: small ones. */
const deepSizes = { inputs: [2, 4], widths: [2, 4] } as const;

/** Every so many problems one with three hidden layers, the others with two. */
const thirdLayerEvery = 7;

/** Two hidden layers, sometimes three, every hyperplane through what its layer sees of a standard-normal query. */
export function deep(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const slope = drawSlope(draw, activation);
  const depth = draw.turn % thirdLayerEvery === thirdLayerEvery - 1 ? 3 : 2;
  const d = draw.integer(...deepSizes.inputs);
  const widths = Array.from({ length: depth }, () => draw.integer(...deepSizes.widths));
  const layers: Layer[] = [];
  let inputs = d;
  for (const [index, outputs] of [...widths, draw.pick([1, 1, 2])].entries()) {
    const weights = Float64Array.from(
      Array.from({ length: outputs }, () => {
        const norm = draw.between(1.5, 2.5);
        return draw.direction(inputs).map((value) => norm * value);
      }).flat(),
    );
    const layer = { inputs, outputs, weights, biases: new Float64Array(outputs) };
    for (let j = 0; j < outputs; j++) {
      if (index === depth) layer.biases[j] = draw.between(-0.5, 0.5);
      else {
        const query = Float64Array.from({ length: d }, () => draw.random.normal());
        const z = forward({ activation, slope, layers: [...layers, layer] }, query, 1)[j];
        layer.biases[j] -= index === 0 ? 0.8 * z : z;
      }
    }
    layers.push(layer);
    inputs = outputs;
  }
  const truth = { activation, slope, layers };
  return asDraft(truth, `${activation} ${sizesOf(truth)}`);
}

/** Inputs, hidden widths and outputs with dashes between them. */
export const sizesOf = ({ layers }: Network): string =>
  [layers[0].inputs, ...layers.map(({ outputs }) => outputs)].join('-');
