import type { Activation } from '../network/activations.js';
import { assign } from '../numeric/assignment.js';
import type { Layer } from '../records.js';

/**
 * Largest relative distance of two incoming vectors that count as the same neuron. Recovered neurons that are
 * right are right to 1e-3 or better, and random ones in two or more dimensions are rarely this close, so the
 * count of missing neurons does not hang on it.
 */
export const largestMatchDistance = 0.1;

/** A neuron of the recovered network and the one of the truth that it stands for. */
export interface Pair {
  readonly recovered: number;
  readonly truth: number;
}

/** ‖difference‖ / ‖reference‖, and 0 for two vectors of zeros. */
export const relative = (difference: number, reference: number) =>
  difference === 0 ? 0 : difference / reference;

/**
 * ‖s·u − v‖ / ‖v‖ of two neurons' incoming vectors u and v with their biases: the entries of layers `r` and
 * `t` at the columns that `columns` pairs, in rows `pair`. A neuron that is turned is turned about `middle`.
 */
export function incomingDistance(
  r: Layer,
  t: Layer,
  columns: readonly Pair[],
  pair: Pair,
  sign = 1,
  middle = 0,
): number {
  const bias = t.biases[pair.truth];
  const moved = sign < 0 ? 2 * middle : 0;
  let difference = (sign * r.biases[pair.recovered] + moved - bias) ** 2;
  let reference = bias ** 2;
  for (const column of columns) {
    const v = t.weights[pair.truth * t.inputs + column.truth];
    difference += (sign * r.weights[pair.recovered * r.inputs + column.recovered] - v) ** 2;
    reference += v ** 2;
  }
  return relative(Math.sqrt(difference), Math.sqrt(reference));
}

/**
 * ‖s·u − v‖ / ‖v‖ of two neurons' outgoing vectors u and v: the entries of the next layers `r` and `t` at the
 * rows that `rows` pairs, in columns `pair`.
 */
export function outgoingDistance(r: Layer, t: Layer, rows: readonly Pair[], pair: Pair, sign = 1): number {
  let difference = 0;
  let reference = 0;
  for (const row of rows) {
    const v = t.weights[row.truth * t.inputs + pair.truth];
    difference += (sign * r.weights[row.recovered * r.inputs + pair.recovered] - v) ** 2;
    reference += v ** 2;
  }
  return relative(Math.sqrt(difference), Math.sqrt(reference));
}

/**
 * Matches the neurons of hidden layer `index`, whose inputs are paired by `columns`, by an optimal assignment
 * on the distances of their incoming vectors and, where the next layer is the output, of their outgoing ones.
 * Pairs above `largestMatchDistance` are left out. Returns them in order of the truth, each with the sign by
 * which the recovered neuron is to be multiplied: −1 for odd activations alone.
 */
export function matchLayer(
  recovered: readonly Layer[],
  truth: readonly Layer[],
  index: number,
  columns: readonly Pair[],
  { symmetry, middle }: Activation,
): (Pair & { readonly sign: 1 | -1 })[] {
  const [r, t] = [recovered[index], truth[index]];
  const last = index === truth.length - 2;
  const outputs = last ? identityPairs(truth[index + 1].outputs) : [];
  // more than all matches together cost, so that there are as many of them as there can be
  const noMatch = 2 * (t.outputs + r.outputs);
  const costs = new Float64Array(t.outputs * r.outputs).fill(noMatch);
  const signs = new Int8Array(costs.length);
  for (let place = 0; place < costs.length; place++) {
    const pair = { truth: Math.floor(place / r.outputs), recovered: place % r.outputs };
    for (const sign of symmetry === 'odd' ? [1, -1] : [1]) {
      const incoming = incomingDistance(r, t, columns, pair, sign, middle);
      if (!(incoming <= largestMatchDistance)) continue;
      const outgoing = last
        ? outgoingDistance(recovered[index + 1], truth[index + 1], outputs, pair, sign)
        : 0;
      const cost = incoming + Math.min(outgoing, 1);
      if (cost < costs[place]) {
        costs[place] = cost;
        signs[place] = sign;
      }
    }
  }
  return assign(costs, t.outputs, r.outputs)
    .map(([row, column]) => ({
      truth: row,
      recovered: column,
      sign: signs[row * r.outputs + column] as 1 | -1 | 0,
    }))
    .filter((pair): pair is Pair & { sign: 1 | -1 } => pair.sign !== 0);
}

/** Every index below `count` paired with itself. */
export const identityPairs = (count: number): Pair[] =>
  Array.from({ length: count }, (_, i) => ({ recovered: i, truth: i }));

/** ‖Δb‖ of the output biases relative to the norm of the true output layer. */
export function measureOutputBias(r: readonly Layer[], t: readonly Layer[]): number {
  const [found, expected] = [r[r.length - 1], t[t.length - 1]];
  const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  const difference = norm(found.biases.map((value, o) => value - expected.biases[o]));
  return relative(difference, Math.hypot(norm(expected.weights), norm(expected.biases)));
}
