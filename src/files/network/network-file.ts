import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../../base/errors.js';
import { readModel } from '../onnx/model.js';
import { explainWriteFailure, writeWhole } from '../write-file.js';

/** The entry of `metadata_props` by which a network that was trained here is known. */
export const trainedMark = 'task';

/**
 * Tells before the work begins whether a trained network can be written to `path`: throws `InputError` when it
 * is no .onnx file, when its folder cannot be written, and when there is a file that no training wrote.
 */
export async function checkNetworkFile(path: string): Promise<void> {
  if (!/\.onnx$/i.test(path)) throw new InputError(`${path} is no name for a network, expected FILE.onnx`);
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw explainWriteFailure(path, error);
  }
  if (!isTrained(bytes)) {
    throw new InputError(`${path} exists and no training of networks wrote it, expected a new name`);
  }
}

/** Writes a network, whole or not at all; throws `InputError` when the disk is full or may not be written. */
export async function writeNetworkFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(path, bytes);
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}

function isTrained(bytes: Uint8Array): boolean {
  try {
    return readModel(bytes).metadata.has(trainedMark);
  } catch {
    return false;
  }
}
