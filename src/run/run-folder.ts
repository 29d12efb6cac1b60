import { constants } from 'node:fs';
import { access, mkdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { encodeNetworkJson } from '../files/export/json.js';
import { encodeNetworkNpz } from '../files/export/npz.js';
import { encodeOnnx } from '../files/export/onnx.js';
import { encodeSafetensors } from '../files/export/safetensors.js';
import { formatJson } from '../files/format-json.js';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';
import type { Network } from '../records.js';
import type { Recovery } from '../recovery.js';
import { describeRecovery, type RunContext, type RunFiles } from './describe-recovery.js';
import { runRecordName } from './run-record.js';

export { explainWriteFailure, writeWhole } from '../files/write-file.js';

/** Names of the files of a run folder. */
export const runFileNames = {
  recovery: 'recovery.json',
  network: 'network.onnx',
  safetensors: 'network.safetensors',
  npz: 'network.npz',
  json: 'network.json',
  report: 'report.html',
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
  // a run that was killed between its networks and its recovery.json has left its run.json
  const isRun = (await realpathOrNone(join(path, runRecordName))) !== undefined;
  if (recovery === undefined && !isRun && stranger >= 0) {
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

/** The networks of a run folder: how each is written. */
const networkEncoders: Readonly<
  Record<Exclude<keyof typeof runFileNames, 'recovery' | 'report'>, (network: Network) => Uint8Array | string>
> = {
  network: encodeOnnx,
  safetensors: encodeSafetensors,
  npz: encodeNetworkNpz,
  json: encodeNetworkJson,
};

async function writeRunFiles(folder: string, recovery: Recovery, context: RunContext): Promise<RunFiles> {
  const { network } = recovery;
  const place = (name: string, of: (name: string) => string) => network && of(name);
  const list = (of: (name: string) => string): RunFiles => ({
    folder: of(''),
    recovery: of(runFileNames.recovery),
    network: place(runFileNames.network, of),
    safetensors: place(runFileNames.safetensors, of),
    npz: place(runFileNames.npz, of),
    json: place(runFileNames.json, of),
    report: of(runFileNames.report),
  });
  // inside the folder, files are named relative to it: it may be moved
  const inside = { ...list((name) => name), folder: '.' };
  const text = formatJson(describeRecovery(recovery, context, inside));
  const recoveryFile = join(folder, runFileNames.recovery);
  const networks = Object.entries(networkEncoders).map(([name, encode]) => ({
    file: join(folder, runFileNames[name as keyof typeof networkEncoders]),
    encode,
  }));
  try {
    for (const { file, encode } of networks) await put(file, network && encode(network));
    await put(recoveryFile, `${text}\n`);
  } catch (error) {
    // networks without a recovery.json would look like somebody else's to the next run
    if ((await realpathOrNone(recoveryFile)) === undefined) {
      for (const { file } of networks) await rm(file, { force: true });
    }
    throw error;
  }
  return { ...list((name) => join(folder, name)), folder };
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

const realpathOrNone = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
