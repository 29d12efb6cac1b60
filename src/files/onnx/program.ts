import { applyAffine } from '../../network/affine.js';
import { type NumberType, roundToFloat32 } from './values.js';

/**
 * A graph compiled to a list of steps over registers, each an array rows × width. What does not depend on the
 * input has been computed already, and nodes that only rename or reshape have left no step.
 */
export interface Program {
  /** Number type that the file declares for the input. */
  readonly elementType: NumberType;
  /** Width of every register; register 0 is the input. */
  readonly widths: readonly number[];
  /** Number type of every register: what a float32 one is given is rounded. */
  readonly numberTypes: readonly NumberType[];
  readonly output: number;
  readonly steps: readonly Step[];
}

/** One operation of a program. */
export type Step = LinearStep | ElementwiseStep | RowwiseStep;

/** target = source·Wᵀ + b. */
export interface LinearStep {
  readonly kind: 'linear';
  /** Name of the node, for messages. */
  readonly node: string;
  readonly source: number;
  readonly target: number;
  /** Width of target × width of source, row-major. */
  readonly weights: Float64Array;
  /** Width of target. */
  readonly biases: Float64Array;
}

/** A function of the entries of one row or of two, entry by entry. */
export interface ElementwiseStep {
  readonly kind: 'elementwise';
  readonly node: string;
  readonly sources: readonly number[];
  readonly target: number;
  /** Set when target = scale·source + shift, entry by entry (width of target entries each). */
  readonly affine?: { readonly scale: Float64Array; readonly shift: Float64Array };
  /** Fills the first `rows` rows of `target`. */
  run(sources: readonly Float64Array[], target: Float64Array, rows: number): void;
}

/** Any other function of the rows of some registers, row by row: softmax, a sum, a choice of entries. */
export interface RowwiseStep {
  readonly kind: 'rowwise';
  readonly node: string;
  readonly sources: readonly number[];
  readonly target: number;
  /** Fills the first `rows` rows of `target`. */
  run(sources: readonly Float64Array[], target: Float64Array, rows: number): void;
}

/** Numbers of all registers held at once: chunks of rows keep the memory bounded and the caches warm. */
const chunkSize = 2 ** 18;

/**
 * Runs the program on `count` rows of inputs (row-major); returns count × width of the output register. Every
 * step computes in float64; what it leaves in a float32 register is then rounded, once.
 */
export function runProgram(program: Program, inputs: Float64Array, count: number): Float64Array {
  const { widths, numberTypes, output, steps } = program;
  const inputWidth = widths[0];
  const outputWidth = widths[output];
  const total = widths.reduce((sum, width) => sum + width, 0);
  const chunk = Math.max(1, Math.min(count, Math.floor(chunkSize / total)));
  const registers = widths.map<Float64Array>(
    (width, register) => new Float64Array(register === 0 ? 0 : chunk * width),
  );
  const outputs = new Float64Array(count * outputWidth);
  for (let start = 0; start < count; start += chunk) {
    const rows = Math.min(chunk, count - start);
    registers[0] = inputs.subarray(start * inputWidth, (start + rows) * inputWidth);
    if (numberTypes[0] === 'float32') {
      registers[0] = registers[0].slice();
      roundToFloat32(registers[0], registers[0].length);
    }
    for (const step of steps) {
      runStep(step, registers, rows);
      if (numberTypes[step.target] === 'float32')
        roundToFloat32(registers[step.target], rows * widths[step.target]);
    }
    outputs.set(registers[output].subarray(0, rows * outputWidth), start * outputWidth);
  }
  return outputs;
}

/** Runs one step on the first `rows` rows of its registers, in float64. */
export function runStep(step: Step, registers: readonly Float64Array[], rows: number): void {
  const target = registers[step.target];
  if (step.kind === 'linear') applyAffine(step.weights, step.biases, registers[step.source], target, rows);
  else {
    step.run(
      step.sources.map((source) => registers[source]),
      target,
      rows,
    );
  }
}
