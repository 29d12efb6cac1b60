import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainWriteFailure } from '../files/write-file.js';
import { type FitStore, openFitStore, storeFolderNames } from './fit-store.js';
import { lockFileName, lockFolder } from './lock.js';
import { openRunFolder, type RunFolder, runFileNames } from './run-folder.js';
import {
  checkSameRun,
  describeRun,
  type RunRecord,
  type RunRequest,
  readRunRecord,
  runRecordName,
  writeRunRecord,
} from './run-record.js';

/** A run folder that one recovery works in: what is finished is stored in it and not done again. */
export interface RunSession {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly fits: FitStore;
  /** What the folder held before: nothing, an interrupted run, or one that came to its end. */
  readonly before: 'nothing' | 'interrupted' | 'finished';
  /** Gives the folder free; takes it away again when it was made for this run and nothing is in it. */
  close(): Promise<void>;
}

/** What a session needs to know. */
export interface SessionRequest extends RunRequest {
  readonly path: string;
  /** The target's file, if it is one: it is never replaced. */
  readonly targetFile: string | undefined;
  /** Name of the build of the kernels that trains. */
  readonly kernels: string;
}

/**
 * Opens a run folder for a recovery. On the folder of an interrupted run the recovery is simply run again:
 * it is deterministic, so what was stored answers it up to where it was interrupted. Throws `InputError` when
 * the folder cannot be written, is in use, or holds another run than the one that is asked for.
 */
export async function openRunSession(request: SessionRequest): Promise<RunSession> {
  const { path } = request;
  const folder = await openRunFolder(path, request.targetFile);
  let lock: Awaited<ReturnType<typeof lockFolder>>;
  try {
    lock = await lockFolder(path);
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
  let owned = false;
  let fits: FitStore | undefined;
  const close = async (): Promise<void> => {
    await fits?.settle();
    if (owned && (await isUnused(path))) await rm(join(path, runRecordName), { force: true });
    await lock.release();
    await folder.discard();
  };
  try {
    const now = describeRun(request);
    const earlier = await readRunRecord(path);
    if (earlier !== undefined && !(await isUnused(path))) checkSameRun(path, earlier, now);
    const names = await readdir(path);
    const before =
      earlier === undefined ? 'nothing' : names.includes(runFileNames.recovery) ? 'finished' : 'interrupted';
    owned = true;
    await removeParts(path);
    const record = earlier === undefined ? now : { ...now, started: earlier.started };
    await writeRunRecord(path, record);
    fits = await openFitStore(path, request.kernels);
    return { folder, record, fits, before, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether a run folder holds no result and nothing that was computed. */
async function isUnused(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => []);
  return !names.some(
    (name) =>
      name.startsWith('answers') ||
      name === storeFolderNames.fits ||
      (Object.values(runFileNames) as string[]).includes(name),
  );
}

/** Takes away what a killed process had half written. */
async function removeParts(path: string): Promise<void> {
  for (const folder of [path, ...Object.values(storeFolderNames).map((name) => join(path, name))]) {
    for (const name of await readdir(folder).catch(() => [])) {
      // one of another process that tries the lock right now is let alone
      if (/\.\d+\.part$/.test(name) && !name.startsWith(lockFileName))
        await rm(join(folder, name), { force: true });
    }
  }
}
