import { listNumbers } from '../certify/unseen.js';
import { activations } from '../network/activations.js';
import { activationOf } from '../network/deep.js';
import { coordinatesOfPart, type Grid, hasContinuous, pointsOf } from '../network/grid.js';
import type { Network } from '../records.js';

/** Weights this small beside those of their neuron are none, and vectors this near are the same. */
const same = 1e-6;

/**
 * Why a network (in the coordinates of a grid) may not be the only one that answers so on all points of that grid, in
 * words; undefined where it is. JᵀJ at its weights tells of those nearby; here is what it cannot tell:
 * - Where continuous inputs move a neuron, the target is a network of those inputs at every point of the others, whose
 *   neurons can be told apart, and how their biases change from point to point tells the weights of the other inputs.
 *   Two neurons that continuous inputs move alike may change places from point to point.
 * - What none of them moves is known at finitely many points. More than twice as many of them as parameters determine an
 *   analytic network (Sontag 2002: 2p + 1 points in general).
 * - A sine does not tell a weight from one that is larger by a period a step.
 */
export function doubtOnGrid(network: Network, grid: Grid): string | undefined {
  const imitate = `${network.layers
    .slice(0, -1)
    .map(({ outputs }) => outputs)
    .join('-')} hidden neurons answer as the target does on the grid`;
  if (activations[activationOf(network, 0)].halfPeriod !== null && pointsOf(grid) > 1) {
    return `${imitate}, but on a grid a weight of a sine is known up to a period a step`;
  }
  const [first, next] = network.layers;
  const free = continuousCoordinates(grid);
  const moved = Array.from({ length: first.outputs }, (_, j) => {
    const row = first.weights.subarray(j * first.inputs, (j + 1) * first.inputs);
    const own = free.map((k) => row[k]);
    return Math.hypot(...own) > same * Math.hypot(...row) ? Float64Array.from(own) : undefined;
  });
  const still = Array.from(moved.keys()).filter((j) => moved[j] === undefined);
  const points = pointsOf(grid) * network.layers[network.layers.length - 1].outputs;
  const parameters = parametersOf(network);
  if (still.length > 0 && points <= 2 * parameters) {
    const what = hasContinuous(grid)
      ? `no continuous input moves ${listNumbers('neuron', still)}, and the other inputs have`
      : 'it has';
    return `${imitate}, but ${what} ${pointsOf(grid)} points: ${points} answers are too few to tell a network of ${parameters} weights from others that give the same`;
  }
  const isScaled = activations[activationOf(network, 0)].homogeneous;
  const columns = next.weights.length / next.outputs;
  const outgoing = (j: number) =>
    Float64Array.from({ length: next.outputs }, (_, o) => next.weights[o * columns + j]);
  for (let j = 0; j < moved.length; j++) {
    for (let i = 0; i < j; i++) {
      const [a, b] = [moved[i], moved[j]];
      if (a === undefined || b === undefined) continue;
      const [p, q] = isScaled ? [Math.hypot(...a), Math.hypot(...b)] : [1, 1];
      const isSameWay = isAlike(scaled(a, 1 / p), scaled(b, 1 / q));
      if (isSameWay && isAlike(scaled(outgoing(i), p), scaled(outgoing(j), q))) {
        return `${imitate}, but continuous inputs move neurons ${i} and ${j} alike: which of the two the other inputs move how, no answer tells`;
      }
    }
  }
  return undefined;
}

/** Coordinates of continuous inputs. */
function continuousCoordinates({ parts }: Grid): number[] {
  let at = 0;
  return parts.flatMap((part) => {
    const own = at;
    at += coordinatesOfPart(part);
    return part.kind === 'continuous' ? [own] : [];
  });
}

const parametersOf = ({ layers, paths = [] }: Network) =>
  layers.reduce((sum, { weights, biases }) => sum + weights.length + biases.length, 0) +
  paths.reduce((sum, { weights }) => sum + weights.length, 0);

const scaled = (vector: Float64Array, factor: number) => vector.map((value) => factor * value);

/** Whether two vectors are the same up to their sign. */
function isAlike(a: Float64Array, b: Float64Array): boolean {
  const size = Math.max(Math.hypot(...a), Math.hypot(...b));
  return [-1, 1].some((sign) => Math.hypot(...a.map((value, k) => value - sign * b[k])) <= same * size);
}
