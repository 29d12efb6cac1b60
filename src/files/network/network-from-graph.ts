import { InputError } from '../../base/errors.js';
import type { ActivationName } from '../../network/activations.js';
import { activationsOf } from '../../network/layer-names.js';
import type { Layer, Network, Path } from '../../records.js';
import type { Program, Step } from '../onnx/program.js';
import type { Segment } from './head-from-onnx.js';

/** An affine map of rows before or after an activation, entry by entry. */
export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** How a segment is an activation: the affine steps before and after it. */
export interface ActivationMatch {
  readonly activation: ActivationName;
  readonly slope: number;
  readonly slopes?: Float64Array;
  readonly leading: readonly Affine[];
  readonly trailing: readonly Affine[];
}

/** Finds the activation that a segment computes. */
export type MatchActivation = (segment: Segment) => ActivationMatch | undefined;

/** A value as a sum of matrices times what layers give: `parts[0]` of the inputs, `parts[l]` of hidden layer l. */
interface Sum {
  readonly width: number;
  /** width × numbers of the layer each. */
  readonly parts: ReadonlyMap<number, Float64Array>;
  readonly constant: Float64Array;
}

interface HiddenLayer {
  readonly before: Sum;
  readonly activation: ActivationName;
  readonly slope: number;
}

/**
 * Reads a network whose layers are passed by linear paths: every value is a sum of linear maps of the inputs and of what
 * hidden layers give, or an activation of such a sum. `end` is the register whose sums are the outputs. Throws
 * `InputError` for any other graph.
 */
export function readGraph(program: Program, end: number, match: MatchActivation): Network {
  const reader = new GraphReader(program, match);
  const outputs = reader.sumAt(end);
  const { hidden } = reader;
  if (isLastLayer(outputs, hidden.length)) throw new InputError('it ends with an activation');
  if (hidden.length === 0) throw new InputError('it has no activation, expected a hidden layer');
  const leaky = hidden.filter(({ activation }) => activation === 'leaky_relu');
  const [{ slope }] = leaky.length > 0 ? leaky : hidden;
  if (leaky.some((one) => one.slope !== slope)) {
    throw new InputError(`the slopes of leaky_relu are ${leaky.map((one) => one.slope).join(' and ')}`);
  }
  const widths = [program.widths[0], ...hidden.map(({ before }) => before.width)];
  const sums = [...hidden.map(({ before }) => before), outputs];
  const paths: Path[] = [];
  const layers = sums.map(({ width, parts, constant }, index): Layer => {
    const weights = parts.get(index);
    if (weights === undefined) {
      throw new InputError(`layer ${index + 1} does not read layer ${index}, but an earlier one alone`);
    }
    for (const from of [...parts.keys()].filter((key) => key < index).sort((a, b) => b - a)) {
      paths.push({ from, to: index + 1, weights: parts.get(from)! });
    }
    return { inputs: widths[index], outputs: width, weights, biases: constant };
  });
  const names = activationsOf(hidden.map(({ activation }) => activation));
  return { ...names, slope, layers, ...(paths.length > 0 && { paths }) };
}

/** Whether outputs are what the last hidden layer gives, as it is: a head was read as an activation then. */
const isLastLayer = ({ parts, constant, width }: Sum, last: number) =>
  parts.size === 1 &&
  constant.every((value) => value === 0) &&
  [...parts].every(([from, matrix]) => from === last && from > 0 && isIdentityMatrix(matrix, width));

/** Arguments at which a step of two sources is compared with their sum and difference. */
const probes = [-3.7, -1.3, -0.21, 0, 0.71, 1.9, 4.3];

class GraphReader {
  readonly hidden: HiddenLayer[] = [];
  readonly #program: Program;
  readonly #match: MatchActivation;
  readonly #writers: ReadonlyMap<number, Step>;
  readonly #sums = new Map<number, Sum>();

  constructor(program: Program, match: MatchActivation) {
    this.#program = program;
    this.#match = match;
    this.#writers = new Map(program.steps.map((step) => [step.target, step]));
  }

  /** What a register holds. */
  sumAt(register: number): Sum {
    let sum = this.#sums.get(register);
    if (sum === undefined) {
      sum = this.#read(register);
      this.#sums.set(register, sum);
    }
    return sum;
  }

  #read(register: number): Sum {
    const step = this.#writers.get(register);
    const width = this.#program.widths[register];
    if (step === undefined) {
      return { width, parts: new Map([[0, identity(width)]]), constant: new Float64Array(width) };
    }
    if (step.kind === 'linear') return multiply(step.weights, step.biases, this.sumAt(step.source));
    const { sources } = step;
    if (step.kind === 'elementwise') {
      if (step.affine !== undefined && sources.length === 1)
        return this.#rescaled(register, step.affine, sources[0]);
      const found = this.#activationAt(register);
      if (found !== undefined) return found;
      const isPair =
        sources.length === 2 && sources.every((source) => this.#program.widths[source] === width);
      const sign = isPair ? signOf(step, width) : undefined;
      if (sign !== undefined) {
        return add(this.sumAt(sources[0]), this.sumAt(sources[1]), sign);
      }
      if (sources.length > 1) {
        throw new InputError(`node '${step.node}' depends on more than one layer and does not add them up`);
      }
    }
    throw new InputError(`node '${step.node}' is neither an affine layer, a sum nor an activation`);
  }

  /** A value that is scaled or shifted; the factor may be the last step of an activation, as in x·(1 + erf(x/√2))·½. */
  #rescaled(register: number, affine: Affine, source: number): Sum {
    try {
      return rescale(this.sumAt(source), affine);
    } catch (error) {
      const found = this.#activationAt(register);
      if (found === undefined) throw error;
      return found;
    }
  }

  /** The activation that ends at a register, as a hidden layer of its own: the nearest start that makes one. */
  #activationAt(end: number): Sum | undefined {
    for (const { start, steps } of this.#segmentsTo(end)) {
      const found = this.#match({ start, end, steps });
      if (found === undefined) continue;
      if (found.slopes !== undefined) {
        throw new InputError('its neurons have a slope each, and paths pass them');
      }
      const before = found.leading.reduce(rescale, this.sumAt(start));
      this.hidden.push({ before, activation: found.activation, slope: found.slope });
      const { width } = before;
      const parts = new Map([[this.hidden.length, identity(width)]]);
      const own: Sum = { width, parts, constant: new Float64Array(width) };
      return found.trailing.reduce(rescale, own);
    }
    return undefined;
  }

  /** The segments of elementwise steps that end at a register and begin at one that all of them come from, nearest first. */
  #segmentsTo(end: number): Pick<Segment, 'start' | 'steps'>[] {
    return segmentsTo(this.#program, end, (step) => step.kind === 'elementwise');
  }
}

/**
 * The segments that end at a register, of steps that are wanted, and begin at one register that all of them come from:
 * the nearest first.
 */
export function segmentsTo(
  { steps }: Program,
  end: number,
  isWanted: (step: Step) => boolean,
): Pick<Segment, 'start' | 'steps'>[] {
  const writers = new Map(steps.map((step, place) => [step.target, { step, place }]));
  const placeOf = (register: number) => writers.get(register)?.place ?? -1;
  const segments: Pick<Segment, 'start' | 'steps'>[] = [];
  const taken: Segment['steps'][number][] = [];
  const open = new Set([end]);
  for (;;) {
    // the last written of those that are open: all that reads it is taken already
    const register = [...open].reduce((a, b) => (placeOf(b) > placeOf(a) ? b : a));
    if (open.size === 1 && taken.length > 0) segments.push({ start: register, steps: [...taken] });
    const step = writers.get(register)?.step;
    if (step === undefined || step.kind === 'linear' || !isWanted(step)) return segments;
    open.delete(register);
    taken.unshift(step);
    for (const source of step.sources) open.add(source);
  }
}

/** +1 for a step that adds its two sources, −1 for one that takes the second away; undefined for any other. */
function signOf(step: Exclude<Step, { kind: 'linear' }>, width: number): 1 | -1 | undefined {
  const [a, b] = step.sources;
  if (a === b) return undefined;
  const pairs = probes.flatMap((x) => probes.map((y) => [x, y] as const));
  const rows = pairs.flatMap((pair) => new Array<typeof pair>(width).fill(pair));
  const result = new Float64Array(rows.length);
  step.run(
    [0, 1].map((side) => Float64Array.from(rows, (pair) => pair[side])),
    result,
    pairs.length,
  );
  const isSum = (sign: number) =>
    rows.every(([x, y], i) => Math.abs(result[i] - (x + sign * y)) <= 1e-12 * (Math.abs(x) + Math.abs(y)));
  return isSum(1) ? 1 : isSum(-1) ? -1 : undefined;
}

function identity(width: number): Float64Array {
  const matrix = new Float64Array(width * width);
  for (let i = 0; i < width; i++) matrix[i * width + i] = 1;
  return matrix;
}

/** W·sum + b */
function multiply(weights: Float64Array, biases: Float64Array, { width, parts, constant }: Sum): Sum {
  const rows = biases.length;
  const times = (matrix: Float64Array, columns: number, isIdentity: boolean) => {
    if (isIdentity) return weights.slice();
    const product = new Float64Array(rows * columns);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < width; i++) {
        const weight = weights[j * width + i];
        for (let k = 0; k < columns; k++) product[j * columns + k] += weight * matrix[i * columns + k];
      }
    }
    return product;
  };
  const products = [...parts].map(([from, matrix]) => {
    const columns = matrix.length / width;
    return [from, times(matrix, columns, columns === width && isIdentityMatrix(matrix, width))] as const;
  });
  const moved = times(constant, 1, false);
  return { width: rows, parts: new Map(products), constant: biases.map((bias, j) => bias + moved[j]) };
}

const isIdentityMatrix = (matrix: Float64Array, width: number) =>
  matrix.every((value, i) => value === (Math.floor(i / width) === i % width ? 1 : 0));

/** scale·sum + shift, entry by entry. */
function rescale({ width, parts, constant }: Sum, { scale, shift }: Affine): Sum {
  const scaled = [...parts].map(([from, matrix]) => {
    const columns = matrix.length / width;
    return [from, matrix.map((value, i) => scale[Math.floor(i / columns)] * value)] as const;
  });
  return {
    width,
    parts: new Map(scaled),
    constant: constant.map((value, j) => scale[j] * value + shift[j]),
  };
}

/** a ± b */
function add(a: Sum, b: Sum, sign: 1 | -1): Sum {
  if (a.width !== b.width) throw new InputError(`values of ${a.width} and ${b.width} numbers are added`);
  const parts = new Map(a.parts);
  for (const [from, matrix] of b.parts) {
    const own = parts.get(from);
    parts.set(
      from,
      matrix.map((value, i) => (own?.[i] ?? 0) + sign * value),
    );
  }
  return { width: a.width, parts, constant: a.constant.map((value, j) => value + sign * b.constant[j]) };
}
