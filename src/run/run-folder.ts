import { constants } from 'node:fs';
import { access, mkdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import type { Recovery } from '../recovery.js';
import { describeRecovery, type RunContext, type RunFiles } from './describe-recovery.js';
import { encodeOnnx } from './export/onnx.js';
import { encodeSafetensors } from './export/safetensors.js';
import { formatJson } from './format-json.js';

/** Names of the files of a run folder. */
export const runFileNames = {
  recovery: 'recovery.json',
  network: 'network.onnx',
  safetensors: 'network.safetensors',
} as const;

/** A folder that is ready to take the files of one run. */
export interface RunFolder {
  readonly path: string;
  /**
   * Writes the files of a recovery, each of them whole or not at all, recovery.json last; those of an earlier
   * run are replaced. Throws `InputError` when the disk is full or may not be written.
   */
  write(recovery: Recovery, context: RunContext): Promise<RunFiles>;
  /** Takes the folder away again if it was made for this run and is still empty. */
  discard(): Promise<void>;
}

/**
 * Makes the folder of a run, before the work begins: so that a path that cannot be written is told at once.
 * Throws `InputError` when it cannot be made or written, when it holds files of these names that are no
 * earlier run's, and when `target`, the file that is recovered from, would be replaced.
 */
export async function openRunFolder(path: string, target?: string): Promise<RunFolder> {
  const files = Object.values(runFileNames).map((name) => join(path, name));
  let made: string | undefined;
  try {
    made = await makeFolder(resolve(path));
    await access(path, constants.W_OK);
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
  const [recovery, ...others] = await Promise.all(files.map(realpathOrNone));
  const source = target === undefined ? undefined : await realpathOrNone(target);
  const clash = [recovery, ...others].findIndex((file) => file !== undefined && file === source);
  if (clash >= 0) {
    throw new InputError(
      `${files[clash]} is the target and would be replaced, expected another folder with --out`,
    );
  }
  const stranger = others.findIndex((file) => file !== undefined);
  if (recovery === undefined && stranger >= 0) {
    throw new InputError(
      `${files[stranger + 1]} exists and belongs to no earlier run (${runFileNames.recovery} is missing), expected a new folder or a run folder`,
    );
  }
  return {
    path,
    write: (result, context) => writeRunFiles(path, result, context),
    async discard() {
      if (made === undefined) return;
      // from the folder up to the first one that was made; one that is not empty stays, and those above it
      for (let folder = resolve(path); folder.length >= made.length; folder = dirname(folder)) {
        await rmdir(folder).catch(() => undefined);
      }
    },
  };
}

/**
 * Makes a folder and those above it that are missing; returns the first that was made, undefined when all were
 * there. (`mkdir` with `recursive` never returns where the system refuses a name, as in /proc/x.)
 */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    const parent = dirname(path);
    if (code !== 'ENOENT' || (await realpathOrNone(parent)) !== undefined) throw error;
    const first = await makeFolder(parent);
    await mkdir(path);
    return first ?? path;
  }
}

async function writeRunFiles(folder: string, recovery: Recovery, context: RunContext): Promise<RunFiles> {
  const { network } = recovery;
  // inside the folder, files are named relative to it: it may be moved
  const inside: RunFiles = {
    folder: '.',
    recovery: runFileNames.recovery,
    network: network && runFileNames.network,
    safetensors: network && runFileNames.safetensors,
  };
  const text = formatJson(describeRecovery(recovery, context, inside));
  const [recoveryFile, ...networkFiles] = Object.values(runFileNames).map((name) => join(folder, name));
  try {
    await put(networkFiles[0], network && encodeOnnx(network));
    await put(networkFiles[1], network && encodeSafetensors(network));
    await put(recoveryFile, `${text}\n`);
  } catch (error) {
    // networks without a recovery.json would look like somebody else's to the next run
    if ((await realpathOrNone(recoveryFile)) === undefined) {
      for (const file of networkFiles) await rm(file, { force: true });
    }
    throw error;
  }
  return {
    folder,
    recovery: join(folder, inside.recovery),
    network: inside.network && join(folder, inside.network),
    safetensors: inside.safetensors && join(folder, inside.safetensors),
  };
}

/** Writes a file, or takes an earlier one away where there is nothing to write. */
async function put(file: string, content: Uint8Array | string | null): Promise<void> {
  try {
    if (content === null) await rm(file, { force: true });
    else await writeWhole(file, content);
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
}

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

const realpathOrNone = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
