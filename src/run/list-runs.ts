import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { isLocked } from './lock.js';
import { readRecovery } from './read-recovery.js';
import { runFileNames } from './run-folder.js';
import { type RunRecord, readRunRecord, runRecordName } from './run-record.js';

/** One run of a list: how it ended, or that it did not. */
export interface ListedRun {
  readonly folder: string;
  readonly state: 'identified' | 'imitated' | 'failed' | 'interrupted' | 'running' | 'unreadable';
  readonly target: string;
  /** d, hidden widths, o; empty where no network was found. */
  readonly widths: readonly number[];
  readonly activation: string | null;
  readonly queries: number | null;
  readonly seconds: number | null;
  /** When it began, ISO 8601, where the folder tells. */
  readonly started: string | null;
  /** What is wrong with a folder that cannot be read. */
  readonly problem?: string;
}

/**
 * Lists the runs whose folders lie in `parent`, the oldest first. Throws `InputError` when it is no folder that
 * can be read.
 */
export async function listRuns(parent: string): Promise<ListedRun[]> {
  let names: string[];
  try {
    names = await readdir(parent);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is no folder' : `cannot be read (${code})`;
    throw new InputError(`${parent} ${found}, expected a folder of run folders`, { cause: error });
  }
  const runs: ListedRun[] = [];
  for (const name of names.sort()) {
    const folder = join(parent, name);
    const [hasRecord, hasResult] = await Promise.all(
      [runRecordName, runFileNames.recovery].map((file) => exists(join(folder, file))),
    );
    if (hasRecord || hasResult) runs.push(await describeFolder(folder, hasResult));
  }
  return runs.sort((a, b) => ((a.started ?? '') < (b.started ?? '') ? -1 : 1));
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function describeFolder(folder: string, hasResult: boolean): Promise<ListedRun> {
  let record: RunRecord | undefined;
  try {
    record = await readRunRecord(folder);
    const begun = { folder, target: record?.target.place ?? '', started: record?.started ?? null };
    if (await isLocked(folder)) return { ...begun, ...unknown, state: 'running' };
    if (!hasResult) return { ...begun, ...unknown, state: 'interrupted' };
    const { verdict, network, activation, queries, seconds, target } = await readRecovery(folder);
    const widths =
      network === null ? [] : [network.layers[0].inputs, ...network.layers.map(({ outputs }) => outputs)];
    return { ...begun, target, state: verdict, widths, activation, queries, seconds };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const target = record?.target.place ?? '';
    return { folder, target, started: null, ...unknown, state: 'unreadable', problem: error.message };
  }
}

const unknown = { widths: [], activation: null, queries: null, seconds: null } as const;
