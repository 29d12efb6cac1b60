import { InputError } from '../../base/errors.js';
import type { Precision } from './builder.js';
import { type CompileOptions, compileModel } from './compile.js';
import { type Model, type ModelOptions, readModel } from './model.js';
import { type Program, runProgram } from './program.js';
import { UnsupportedError } from './unsupported.js';
import type { NumberType } from './values.js';

const longestMessage = 800;

/** A network behind its inputs and outputs alone. */
export interface OnnxModel {
  readonly inputDimension: number;
  readonly outputDimension: number;
  /** Number type that the file declares for the input. */
  readonly elementType: NumberType;
  /** Number type to which `evaluate` rounds its inputs. */
  readonly precision: NumberType;
  /** Name of the input and of the output that were chosen, where the file has several. */
  readonly input?: string;
  readonly output?: string;
  /**
   * Evaluates `count` rows: `inputs` is count × inputDimension, the result count × outputDimension, both
   * row-major. Throws `RangeError` when `inputs` has another length.
   */
  evaluate(inputs: Float64Array, count: number): Float64Array;
}

/** The choices for the number type of an evaluation, as `OnnxOptions` describes them. */
export const precisions: readonly Precision[] = ['own', 'float32', 'float64'];

/** Options of `openOnnx`. */
export interface OnnxOptions extends ModelOptions, CompileOptions {
  /**
   * The number type in which the network is evaluated. `own`, the default, is the one that the file declares.
   * In float32 the inputs, the weights and what every operator gives are rounded to float32 numbers; the sums
   * inside Gemm and MatMul and the functions themselves are computed in float64 and rounded once, so that
   * the answers are within the rounding of ONNX Runtime's, which sums in float32: a few units in the last
   * place of the largest terms. In float64 the weights of a float32 file are widened and nothing is rounded.
   * A float16 file is evaluated in float32 between inputs and outputs that are rounded to float16, as by ONNX
   * Runtime on CPUs; when the precision is told nothing is rounded to float16.
   */
  readonly precision?: Precision;
}

/**
 * Opens an ONNX file for evaluation. `fileName` is for messages. Throws `InputError`, one sentence that names
 * the file, when `bytes` are no such file or a feed-forward graph that cannot be evaluated.
 */
export function openOnnx(bytes: Uint8Array, fileName: string, options: OnnxOptions = {}): OnnxModel {
  const { program, model } = compileOnnx(
    bytes,
    fileName,
    checkPrecision(options.precision ?? 'own'),
    options,
  );
  const { isOneOf } = model.chosen;
  const inputDimension = program.widths[0];
  return {
    inputDimension,
    outputDimension: program.widths[program.output],
    elementType: program.elementType,
    precision: program.numberTypes[0],
    ...(isOneOf.inputs && { input: model.input.name }),
    ...(isOneOf.outputs && { output: model.output }),
    evaluate(inputs, count) {
      if (inputs.length !== count * inputDimension) {
        throw new RangeError(`inputs must have ${count} × ${inputDimension} entries, got ${inputs.length}`);
      }
      return runProgram(program, inputs, count);
    },
  };
}

/** Returns `precision` when it is one of `precisions`; throws `InputError` otherwise. */
export function checkPrecision(precision: string): Precision {
  const found = precisions.find((name) => name === precision);
  if (found) return found;
  throw new InputError(`the precision must be one of ${precisions.join(', ')}, got '${precision}'`);
}

/** Reads and compiles an ONNX file, for evaluation in float64 unless told otherwise; throws as `openOnnx` does. */
export function compileOnnx(
  bytes: Uint8Array,
  fileName: string,
  precision: Precision = 'float64',
  options: ModelOptions & CompileOptions = {},
): { model: Model; program: Program } {
  let model: Model | undefined;
  try {
    model = readModel(bytes, options);
    return { model, program: compileModel(model, precision, options) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const separator = /^(is|has|uses) /.test(error.message) ? ' ' : ': ';
    // names come from the file: whatever they hold, the message stays one line
    const text = error.message.replaceAll(/\p{Cc}/gu, '�').slice(0, longestMessage);
    const message = `${fileName}${separator}${text}`;
    if (!(error instanceof UnsupportedError)) throw new InputError(message, { cause: error });
    const unsupported = new UnsupportedError(message, { cause: error });
    if (model !== undefined) unsupported.names = { input: model.input.name, output: model.output };
    throw unsupported;
  }
}
