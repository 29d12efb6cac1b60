import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { ReadBeside } from './tensor.js';

/** Most bytes of weights that are read from other files: as many as a model of its own may have. */
const mostBytes = 2 ** 28;

/** The files beside a model. */
export interface ExternalData {
  readonly read: ReadBeside;
  /** Reads a whole file, under the same conditions. */
  readWhole(location: string): Uint8Array;
  /** What was read so far, as a hash; undefined when nothing was. */
  digest(): string | undefined;
}

/**
 * Reads weights that lie in files beside the model `modelFile`. A path that leaves the model's folder is
 * refused, by links too; sizes are compared with the file before anything is allocated.
 */
export function openExternalData(modelFile: string): ExternalData {
  const hash = createHash('sha256');
  let total = 0;
  const read = (location: string, offset: number, length: number | undefined) => {
    const left = mostBytes - total;
    const bytes = readInside(dirname(modelFile), location, offset, length, left);
    total += bytes.length;
    hash.update(`${location}\n${offset}\n${bytes.length}\n`).update(bytes);
    return bytes;
  };
  return {
    read,
    readWhole: (location) => read(location, 0, undefined),
    digest: () => (total === 0 ? undefined : hash.copy().digest('hex')),
  };
}

/**
 * Reads a part of a file inside `folder`, or all of it, at most `most` bytes. The message of what is thrown goes
 * on after the file's name.
 */
function readInside(
  folder: string,
  location: string,
  offset: number,
  told: number | undefined,
  most: number,
): Uint8Array {
  try {
    const inside = realpathSync(resolve(folder));
    if (isAbsolute(location)) throw new InputError('is no path from the folder of the model');
    const lexical = resolve(inside, location);
    const leaves = (path: string) => !path.startsWith(inside.endsWith(sep) ? inside : inside + sep);
    if (leaves(lexical)) throw new InputError("leaves the model's folder, expected a file inside it");
    const file = realpathSync(lexical);
    if (leaves(file) || relative(inside, file) === '') {
      throw new InputError("leaves the model's folder, expected a file inside it");
    }
    const found = statSync(file);
    if (!found.isFile()) throw new InputError('is no file');
    const length = told ?? found.size;
    if (length > most)
      throw new InputError(`holds ${length} bytes more, expected at most ${mostBytes} in all`);
    if (offset + length > found.size) {
      throw new InputError(`is ${found.size} bytes long, expected ${length} from byte ${offset} on`);
    }
    return readPart(file, offset, length);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'is not beside the model' : `cannot be read (${code})`;
    throw new InputError(message, { cause: error });
  }
}

function readPart(file: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const read = readSync(descriptor, bytes, done, length - done, offset + done);
      if (read === 0) throw new InputError('became shorter while it was read');
      done += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
