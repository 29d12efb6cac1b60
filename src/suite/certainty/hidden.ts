import { type ActivationName, activations } from '../../network/activations.js';
import { activationInTurn, type Draw, drawSizes, drawSlope, upperQuantile } from './draw.js';
import { sizesOf } from './networks.js';
import { asDraft, drawNeuron, drawNeurons, drawOutgoing, type Neuron, networkOf } from './neurons.js';
import type { Draft } from './problem.js';

/** Two neurons so little apart, relative to their norm, in direction, bias or both. */
export function twins(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const sizes = drawSizes(draw, 2);
  const neurons = drawNeurons(draw, { ...sizes, r: sizes.r - 1 });
  const [first] = neurons;
  const distance = draw.logBetween(1e-9, 1e-2);
  const where = draw.pick(['direction', 'bias', 'both'] as const);
  const isOpposing = draw.chance(0.5);
  const { d } = sizes;
  const move = draw.direction(where === 'direction' ? d : d + 1);
  const norm = Math.hypot(...first.weights, first.bias);
  neurons.push({
    weights:
      where === 'bias' ? first.weights : first.weights.map((value, k) => value + distance * norm * move[k]),
    bias:
      where === 'direction'
        ? first.bias
        : first.bias + distance * norm * (where === 'bias' ? draw.sign() : move[d]),
    outgoing: first.outgoing.map((value) => value * (isOpposing ? -1 : 1) * draw.between(0.5, 1.5)),
  });
  const words = `${distance.toExponential(1)} apart in ${where}, ${isOpposing ? 'opposing' : 'same signs'}`;
  return hiddenDraft(draw, activation, neurons, words);
}

/** A neuron beyond whose bend only so few standard-normal queries lie. */
export function rare(draw: Draw): Draft {
  const activation = mostlyReLU(draw);
  const sizes = drawSizes(draw, 2);
  const share = draw.logBetween(1e-5, 1e-1);
  const neurons = drawNeurons(draw, sizes);
  neurons[0] = bendAt(neurons[0], upperQuantile(share));
  return hiddenDraft(draw, activation, neurons, `on in ${share.toExponential(1)} of a standard-normal cloud`);
}

/** A neuron that bends so far from the origin; on either side of its bend. */
export function far(draw: Draw): Draft {
  const activation = mostlyReLU(draw);
  const distance = draw.logBetween(10, 1e6);
  const neurons = drawNeurons(draw, drawSizes(draw, 2));
  const isOn = draw.chance(0.2);
  neurons[0] = bendAt(neurons[0], isOn ? -distance : distance);
  const words = `bend at ${distance.toExponential(1)}, ${isOn ? 'on' : 'off'} at the origin`;
  return hiddenDraft(draw, activation, neurons, words);
}

/** A neuron whose outgoing weights are so small beside those of the others. */
export function tiny(draw: Draw): Draft {
  const neurons = drawNeurons(draw, drawSizes(draw, 2));
  const size = draw.logBetween(1e-12, 1e-3);
  neurons[0] = { ...neurons[0], outgoing: neurons[0].outgoing.map((value) => size * value) };
  return hiddenDraft(draw, activationInTurn(draw), neurons, `outgoing weight ${size.toExponential(1)}`);
}

/** A neuron that does nothing: never on, without outgoing weights, or without incoming ones. */
export function dead(draw: Draw): Draft {
  const sizes = drawSizes(draw);
  const how = draw.pick(['never on', 'no outgoing weight', 'no incoming weight'] as const);
  const activation = how === 'never on' ? 'relu' : activationInTurn(draw);
  const neurons = drawNeurons(draw, sizes);
  const extra = drawNeuron(draw, sizes);
  const none = (values: readonly number[]) => values.map(() => 0);
  if (how === 'never on') neurons.push(bendAt(extra, draw.logBetween(30, 1e6)));
  if (how === 'no outgoing weight') neurons.push({ ...extra, outgoing: none(extra.outgoing) });
  if (how === 'no incoming weight') neurons.push({ ...extra, weights: none(extra.weights) });
  return hiddenDraft(draw, activation, neurons, how);
}

/** The same neuron twice: with other outgoing weights, scaled, mirrored, or cancelling the first. */
export function duplicated(draw: Draw): Draft {
  const activation = activationInTurn(draw);
  const sizes = drawSizes(draw);
  const neurons = drawNeurons(draw, sizes);
  const [first] = neurons;
  const { homogeneous, symmetry } = activations[activation];
  const ways = [
    'copied',
    'cancelled',
    ...(homogeneous ? (['scaled'] as const) : []),
    ...(symmetry === 'odd' ? (['mirrored'] as const) : []),
  ] as const;
  const how = neurons.length === 1 ? 'copied' : draw.pick(ways);
  const factor = how === 'scaled' ? draw.between(0.3, 3) : how === 'mirrored' ? -1 : 1;
  neurons.push({
    weights: first.weights.map((value) => factor * value),
    bias: factor * first.bias,
    outgoing:
      how === 'cancelled' ? first.outgoing.map((value) => -value) : sameSide(draw, first.outgoing, factor),
  });
  return hiddenDraft(draw, activation, neurons, how);
}

/** Outgoing weights that add to those of the first neuron, so that the sum is no smaller. */
const sameSide = (draw: Draw, outgoing: readonly number[], factor: number) =>
  drawOutgoing(draw, outgoing.length).map((value, o) => Math.sign(outgoing[o] * factor) * Math.abs(value));

/** The neuron with its hyperplane at a distance from the origin, negative where the origin is on its side. */
function bendAt(neuron: Neuron, distance: number): Neuron {
  return { ...neuron, bias: -distance * Math.hypot(...neuron.weights) };
}

/** ReLU in two of three problems, else the activations in turn. */
const mostlyReLU = (draw: Draw): ActivationName => (draw.turn % 3 < 2 ? 'relu' : activationInTurn(draw));

function hiddenDraft(
  draw: Draw,
  activation: ActivationName,
  neurons: readonly Neuron[],
  words: string,
): Draft {
  const truth = networkOf(draw, activation, drawSlope(draw, activation), neurons);
  return asDraft(truth, `${activation} ${sizesOf(truth)}, ${words}`);
}
