import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { formatJson, type Json, toJson } from '../files/format-json.js';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';

/** Name of the file that tells what a run was asked for, written before it begins. */
export const runRecordName = 'run.json';

/** Version of the schema of run.json (docs/run-folder.md). */
export const runSchemaVersion = 1;

/** What a run was asked for, with every default resolved, and what it runs on. */
export interface RunRecord {
  readonly schemaVersion: number;
  readonly target: {
    /** As the user named it. */
    readonly place: string;
    readonly description: string;
    /** What tells this target from others: a hash of its file, or its address. */
    readonly identity: string;
  };
  readonly options: { readonly [name: string]: Json };
  readonly versions: { readonly [name: string]: string };
  readonly machine: { readonly [name: string]: Json };
  /** When the run began, ISO 8601. */
  readonly started: string;
}

/** What a new record is made from. */
export type RunRequest = Pick<RunRecord, 'target' | 'versions'> & {
  readonly options: Readonly<Record<string, unknown>>;
};

/** The record of a run that begins now on this machine. */
export function describeRun({ target, versions, options }: RunRequest): RunRecord {
  const processors = cpus();
  return {
    schemaVersion: runSchemaVersion,
    target,
    options: toJson(options) as RunRecord['options'],
    versions,
    machine: {
      system: `${platform()} ${release()} ${arch()}`,
      processor: processors[0]?.model.trim() ?? null,
      cores: processors.length,
      memoryBytes: totalmem(),
    },
    started: new Date().toISOString(),
  };
}

/** A hash of a file's bytes: what the file is called and where it lies do not matter. */
export async function identifyFile(path: string): Promise<string> {
  return `sha256:${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`;
}

/** Writes run.json into a run folder; throws `InputError` when it cannot be written. */
export async function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  const file = join(folder, runRecordName);
  try {
    await writeWhole(file, `${formatJson(toJson(record))}\n`);
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
}

/**
 * Reads run.json of a run folder; undefined where there is none. Throws `InputError` when it is no such
 * record or one of another version.
 */
export async function readRunRecord(folder: string): Promise<RunRecord | undefined> {
  const file = join(folder, runRecordName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError(`${file} cannot be read (${code}), expected the record of a run`, { cause: error });
  }
  let record: Partial<RunRecord> | null;
  try {
    record = JSON.parse(text) as Partial<RunRecord> | null;
  } catch (error) {
    throw new InputError(`${file} is no JSON, expected the record of a run`, { cause: error });
  }
  if (record?.schemaVersion !== runSchemaVersion) {
    throw new InputError(
      `${file} has the schema version ${record?.schemaVersion}, expected ${runSchemaVersion}`,
    );
  }
  if (typeof record.target?.identity !== 'string' || typeof record.options !== 'object') {
    throw new InputError(`${file} names no target and options, expected the record of a run`);
  }
  return record as RunRecord;
}

/** Options that may differ when a run goes on: the answer does not depend on them, or they only end it earlier. */
const freeOptions = new Set(['threads', 'budget', 'time']);

/**
 * Checks that a run folder's record asks for what is asked for now, so that going on leads to the answer of
 * one uninterrupted run. Threads, budget and time may differ. Throws `InputError` naming what does.
 */
export function checkSameRun(folder: string, before: RunRecord, now: RunRecord): void {
  const refuse = (what: string, found: unknown, wanted: unknown): never => {
    const show = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
    throw new InputError(
      `${folder} holds a run with ${what} ${show(found)}, not ${show(wanted)}: expected the same, or another folder with --out`,
    );
  };
  if (before.target.identity !== now.target.identity) {
    throw new InputError(
      `${folder} holds a run of another target (${before.target.place}), not of ${now.target.place} as it is now: expected the same, or another folder with --out`,
    );
  }
  const names = new Set([...Object.keys(before.options), ...Object.keys(now.options)]);
  for (const name of names) {
    if (freeOptions.has(name)) continue;
    const [found, wanted] = [before.options[name], now.options[name]];
    if (JSON.stringify(found) !== JSON.stringify(wanted)) refuse(name, found, wanted);
  }
  const [found, wanted] = [before.versions, now.versions].map((versions) => versions['expand-and-cluster']);
  if (found !== wanted) refuse('version', found, wanted);
}
