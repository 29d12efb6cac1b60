import { rename, rm, writeFile } from 'node:fs/promises';
import { InputError } from '../base/errors.js';

/**
 * Writes a file under another name and renames it when it is whole and on the disk. (write-file-atomic 7 takes
 * a short write for a whole one: on a full disk it left 8 of 18 kB and reported success.)
 */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, content, { flush: true });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** What an error of the file system says to someone who wanted a file written. */
const explanations: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file of that name',
  EISDIR: 'there is a folder of that name',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there can be no such folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
};

/** The `InputError` for a path that could not be written; anything but an error of the file system as it is. */
export function explainWriteFailure(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== 'string' || !Object.hasOwn(explanations, code)) return error;
  return new InputError(
    `${path} cannot be written: ${explanations[code]} (${code}), expected a writable folder`,
    {
      cause: error,
    },
  );
}
