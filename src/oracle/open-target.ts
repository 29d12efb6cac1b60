import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { InputError } from '../base/errors.js';
import type { Target } from '../query/oracle.js';
import { type OnnxOptions, openOnnx } from './onnx/open.js';

/** A target that the user named, ready to be asked. */
export interface OpenedTarget {
  /** Short name, fit for a folder's name. */
  readonly name: string;
  /** The target in words: where it is and what it takes and gives. */
  readonly description: string;
  /** The file that it is read from: nothing may be written over it. */
  readonly file: string;
  readonly inputDimension: number;
  readonly outputDimension: number;
  /** Number type to which it rounds what it is asked. */
  readonly precision: 'float32' | 'float64';
  readonly ask: Target;
}

/**
 * Opens the target that `place` names: the path of an ONNX file, which is evaluated in the number type that
 * `options` asks for, its own by default. Throws `InputError` when it cannot be read or evaluated. Every kind of target is opened here, so that whoever asks it need not know its kind.
 */
export async function openTarget(place: string, options: OnnxOptions = {}): Promise<OpenedTarget> {
  const model = openOnnx(await readTargetFile(place), place, options);
  const { inputDimension, outputDimension, elementType, precision } = model;
  const type = precision === elementType ? elementType : `${elementType}, evaluated in ${precision}`;
  return {
    name: basename(place, extname(place)).replaceAll(/[^\w.-]+/g, '_') || 'target',
    description: `${place} (${counted(inputDimension, 'input')}, ${counted(outputDimension, 'output')}, ${type})`,
    file: place,
    inputDimension,
    outputDimension,
    precision,
    ask: (inputs, count) => model.evaluate(inputs, count),
  };
}

async function readTargetFile(place: string): Promise<Uint8Array> {
  try {
    return await readFile(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new InputError(`${place} ${found}, expected an ONNX file`, { cause: error });
  }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
