import { InputError } from '../base/errors.js';
import type { RandomStream } from '../base/random.js';
import type { Layer, Path } from './network.js';

/**
 * Which values some inputs take, as the user says it: each of them one of a list, each a number from `from` to `to` in
 * steps, or together a one-hot group, of which one is 1 and the others are 0.
 */
export type GridRule =
  | { readonly inputs: readonly number[]; readonly values: readonly number[] }
  | {
      readonly inputs: readonly number[];
      readonly from: number;
      readonly to: number;
      readonly step: number;
    }
  | { readonly inputs: readonly number[]; readonly oneHot: true };

/** What the inputs of a target may be: one that takes any value, one of some values in rising order, a one-hot group. */
export type GridPart =
  | { readonly kind: 'continuous'; readonly input: number }
  | { readonly kind: 'values'; readonly input: number; readonly values: Float64Array }
  | { readonly kind: 'one-hot'; readonly inputs: readonly number[] };

/** The inputs of a target, in the order of the first of each part. */
export interface Grid {
  readonly inputDimension: number;
  readonly parts: readonly GridPart[];
}

/** Most values of one input. */
const mostValues = 100_000;

/** The grid of a target with d inputs from its rules; throws `InputError` that names what is wrong. */
export function resolveGrid(rules: readonly GridRule[], d: number): Grid {
  const parts: GridPart[] = [];
  const taken = new Set<number>();
  for (const rule of rules) {
    for (const input of rule.inputs) {
      if (!Number.isInteger(input) || input < 0 || input >= d) {
        throw new InputError(
          `grid names input ${input}, expected one of the ${d} inputs, 0${d > 1 ? ` to ${d - 1}` : ''}`,
        );
      }
      if (taken.has(input))
        throw new InputError(`grid names input ${input} twice, expected every input once`);
      taken.add(input);
    }
    parts.push(...partsOf(rule));
  }
  for (let input = 0; input < d; input++) if (!taken.has(input)) parts.push({ kind: 'continuous', input });
  parts.sort((a, b) => firstInput(a) - firstInput(b));
  const grid = { inputDimension: d, parts };
  if (coordinatesOf(grid) === 0) {
    throw new InputError('grid leaves every input one value alone, expected one that varies');
  }
  return grid;
}

const firstInput = (part: GridPart) => (part.kind === 'one-hot' ? Math.min(...part.inputs) : part.input);

function partsOf(rule: GridRule): GridPart[] {
  if (rule.inputs.length === 0) throw new InputError('grid has a rule for no input, expected one or more');
  if ('oneHot' in rule) {
    if (rule.inputs.length < 2) {
      throw new InputError(
        `grid has a one-hot group of input ${rule.inputs[0]} alone, expected at least two inputs`,
      );
    }
    return [{ kind: 'one-hot', inputs: rule.inputs }];
  }
  const values = 'values' in rule ? listed(rule.values) : stepped(rule);
  return rule.inputs.map((input) => ({ kind: 'values', input, values }));
}

function listed(values: readonly number[]): Float64Array {
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new InputError(`grid has the value ${bad}, expected finite numbers`);
  if (values.length === 0) throw new InputError('grid has a rule without values, expected one or more');
  return Float64Array.from(new Set(values)).sort();
}

function stepped({ from, to, step }: { from: number; to: number; step: number }): Float64Array {
  if (!(Number.isFinite(to - from) && from <= to && step > 0 && Number.isFinite(step))) {
    throw new InputError(
      `grid has the range from ${from} to ${to} in steps of ${step}, expected finite numbers in rising order and a step above 0`,
    );
  }
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > mostValues) {
    throw new InputError(`grid has a range of ${count} values, expected at most ${mostValues}`);
  }
  // sums such as 3 · 0.1 are meant as they are written
  return Float64Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(15)));
}

/** Numbers that a point of the grid is told by: one an input with two values or more, one less than a group has inputs. */
export const coordinatesOf = ({ parts }: Grid): number =>
  parts.reduce((sum, part) => sum + coordinatesOfPart(part), 0);

/** The same of one part. */
export function coordinatesOfPart(part: GridPart): number {
  if (part.kind === 'one-hot') return part.inputs.length - 1;
  return part.kind === 'values' && part.values.length === 1 ? 0 : 1;
}

/** Whether some input of a grid takes any value. */
export const hasContinuous = ({ parts }: Grid): boolean => parts.some(({ kind }) => kind === 'continuous');

/** Different points of the grid where its continuous inputs stay the same. */
export const pointsOf = ({ parts }: Grid): number =>
  parts.reduce((product, part) => product * pointsOfPart(part), 1);

function pointsOfPart(part: GridPart): number {
  if (part.kind === 'continuous') return 1;
  return part.kind === 'values' ? part.values.length : part.inputs.length;
}

/** Puts the inputs (count × d) that take some values alone at random ones of them, in place; the others stay. */
export function putOnGrid({ parts, inputDimension: d }: Grid, inputs: Float64Array, random: RandomStream) {
  for (let row = 0; row < inputs.length; row += d) {
    for (const part of parts) {
      if (part.kind === 'continuous') continue;
      const chosen = random.integer(pointsOfPart(part));
      if (part.kind === 'values') inputs[row + part.input] = part.values[chosen];
      else for (const [i, input] of part.inputs.entries()) inputs[row + input] = i === chosen ? 1 : 0;
    }
  }
}

/**
 * Orthonormal coordinates of the hyperplane in which the k corners of a one-hot group lie, k × (k − 1), row-major: the
 * Helmert contrasts, whose columns sum to 0.
 */
export function groupBasis(k: number): Float64Array {
  const basis = new Float64Array(k * (k - 1));
  for (let j = 0; j < k - 1; j++) {
    const length = Math.sqrt((j + 1) * (j + 2));
    for (let i = 0; i <= j; i++) basis[i * (k - 1) + j] = 1 / length;
    basis[(j + 1) * (k - 1) + j] = -(j + 1) / length;
  }
  return basis;
}

/** Weights of rows over the grid's coordinates, as those over all d inputs that the grid determines. */
export function weightsOnGrid(grid: Grid, weights: Float64Array): Float64Array {
  return spread(grid, weights, (basis, own) => basis * own, identity);
}

/** The same for standard errors, which add up as independent ones; weights that are fixed have none. */
export function errorsOnGrid(grid: Grid, errors: Float64Array): Float64Array {
  return spread(grid, errors, (basis, own) => (own === 0 ? 0 : (basis * own) ** 2), Math.sqrt);
}

const identity = (value: number) => value;

function spread(
  grid: Grid,
  from: Float64Array,
  term: (basis: number, own: number) => number,
  end: (sum: number) => number,
): Float64Array {
  const { parts, inputDimension: d } = grid;
  const columns = coordinatesOf(grid);
  const rows = from.length / columns;
  const whole = new Float64Array(rows * d);
  for (let row = 0; row < rows; row++) {
    let at = row * columns;
    for (const part of parts) {
      const size = coordinatesOfPart(part);
      if (part.kind === 'one-hot') {
        const basis = groupBasis(part.inputs.length);
        for (const [i, input] of part.inputs.entries()) {
          let sum = 0;
          for (let j = 0; j < size; j++) sum += term(basis[i * size + j], from[at + j]);
          whole[row * d + input] = end(sum);
        }
      } else if (size === 1) whole[row * d + part.input] = from[at];
      at += size;
    }
  }
  return whole;
}

/**
 * Takes out of a network what no point of a grid shows, in place: the weights of a one-hot group sum to 0, those of an
 * input with one value are 0, and the biases have the rest. `paths` are the linear paths past layers.
 */
export function toGridForm(grid: Grid, layers: readonly Layer[], paths: readonly Path[] = []): void {
  const from = paths.filter((path) => path.from === 0);
  const all = [
    { weights: layers[0].weights, biases: layers[0].biases },
    ...from.map(({ weights, to }) => ({ weights, biases: layers[to - 1].biases })),
  ];
  const { parts, inputDimension: d } = grid;
  for (const { weights, biases } of all) {
    for (let row = 0; row < biases.length; row++) {
      const own = weights.subarray(row * d, (row + 1) * d);
      for (const part of parts) {
        if (part.kind === 'one-hot') {
          const mean = part.inputs.reduce((sum, input) => sum + own[input], 0) / part.inputs.length;
          for (const input of part.inputs) own[input] -= mean;
          biases[row] += mean;
        } else if (part.kind === 'values' && part.values.length === 1) {
          biases[row] += own[part.input] * part.values[0];
          own[part.input] = 0;
        }
      }
    }
  }
}

/** What no answer on a grid shows, one line each. */
export function freedomsOf({ parts }: Grid): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'one-hot') {
      return [
        `a constant added to the weights of ${named(part.inputs)} alike and taken from the bias: those weights sum to 0`,
      ];
    }
    if (part.kind !== 'values' || part.values.length > 1) return [];
    return [
      `any weight of input ${part.input}, which is always ${part.values[0]}: it is 0, the biases have it`,
    ];
  });
}

function named(inputs: readonly number[]): string {
  const first = Math.min(...inputs);
  const last = Math.max(...inputs);
  return last - first === inputs.length - 1
    ? `inputs ${first} to ${last}`
    : `inputs ${inputs.slice(0, -1).join(', ')} and ${inputs[inputs.length - 1]}`;
}
