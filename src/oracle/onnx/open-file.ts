import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { Precision } from '../../files/onnx/builder.js';
import { openExternalData } from '../../files/onnx/external-data.js';
import { withWeightsInside } from '../../files/onnx/model.js';
import { type OnnxModel, openOnnx } from '../../files/onnx/open.js';
import { UnsupportedError } from '../../files/onnx/unsupported.js';
import { counted, folderName, type OpenedTarget } from '../opened-target.js';
import { installRuntime, loadRuntime, openWithRuntime, type RuntimeOptions } from './runtime.js';

/** How an ONNX file becomes a target. */
export interface OnnxFileOptions extends RuntimeOptions {
  readonly precision?: Precision | undefined;
}

/**
 * Opens an ONNX file: evaluated here where every operator is known, else by ONNX Runtime where that is
 * installed, which `load` finds. Throws `InputError` that says what is wrong, and how to install ONNX Runtime
 * where that would help.
 */
export async function openOnnxFile(
  bytes: Uint8Array,
  place: string,
  options: OnnxFileOptions,
  load: typeof loadRuntime = loadRuntime,
): Promise<OpenedTarget> {
  const { precision = 'own', inputDimension } = options;
  const beside = openExternalData(place);
  let model: OnnxModel;
  try {
    model = openOnnx(bytes, place, { ...options, precision, readBeside: beside.read });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const runtime = await load();
    if (runtime === undefined) {
      const message = `${error.message}; ONNX Runtime may evaluate it, once it is installed by: ${installRuntime()}`;
      throw new InputError(message, { cause: error });
    }
    if (precision !== 'own') {
      throw new InputError(`${error.message}; ONNX Runtime would evaluate it in its own number type alone`);
    }
    return openWithRuntime(runtime, withWeightsInside(bytes, beside.read), place, {
      ...options,
      ...error.names,
    });
  }
  if (inputDimension !== undefined && inputDimension !== model.inputDimension) {
    throw new InputError(
      `${place} has ${model.inputDimension} inputs, --input-dimension says ${inputDimension}`,
    );
  }
  const identity = identityOf(bytes, model, beside.digest(), options);
  return { ...describeModel(place, model), ...(identity !== undefined && { identity }) };
}

/** What tells the target from others where the bytes of its file do not: other files, and what was chosen in it. */
function identityOf(
  bytes: Uint8Array,
  { input, output }: OnnxModel,
  digest: string | undefined,
  { hold }: OnnxFileOptions,
): string | undefined {
  if ([input, output, digest, hold].every((part) => part === undefined)) return undefined;
  const parts = [input ?? '', output ?? '', JSON.stringify(hold ?? {}), digest ?? ''];
  return ['onnx', ...parts, createHash('sha256').update(bytes).digest('hex')].join('\n');
}

/** Rows that a file is evaluated on before other events are handled: 500 of 784 numbers take a quarter of a second in large networks. */
const rowsAtOnce = 500;

/** A model that is evaluated here, as a target. */
export function describeModel(place: string, model: OnnxModel): OpenedTarget {
  const { inputDimension, outputDimension, elementType, precision, input, output } = model;
  const type = precision === elementType ? elementType : `${elementType}, evaluated in ${precision}`;
  const named = (name: string | undefined) => (name === undefined ? '' : ` of '${name.slice(0, 40)}'`);
  const inputs = `${counted(inputDimension, 'input')}${named(input)}`;
  const outputs = `${counted(outputDimension, 'output')}${named(output)}`;
  return {
    name: folderName(basename(place, extname(place))),
    description: `${place} (${inputs}, ${outputs}, ${type})`,
    place,
    file: place,
    inputDimension,
    outputDimension,
    precision,
    batches: { size: rowsAtOnce, concurrency: 1 },
    ask: (inputs, count) => model.evaluate(inputs, count),
    close: async () => {},
  };
}
