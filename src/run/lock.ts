import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';

/** Name of the file that says which process works in a run folder. */
export const lockFileName = 'lock.json';

/** A folder that belongs to this process until it is released. */
export interface Lock {
  release(): Promise<void>;
}

/** What the lock file says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the holder began, ISO 8601. */
  readonly since: string;
}

/** Folders that this process holds: its own pid in a file proves nothing where pids are used again. */
const held = new Set<string>();

/**
 * Makes a folder this process's own. A lock whose process has died is taken over. Throws `InputError` when
 * another process, or another run in this one, works in the folder; errors of the file system as they are.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const file = join(folder, lockFileName);
  const own = `${file}.${process.pid}.part`;
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const text = `${JSON.stringify(holder)}\n`;
  if (held.has(file)) throw inUse(folder, holder);
  held.add(file);
  try {
    await writeFile(own, text);
    // a link appears whole or not at all, and never replaces
    while (!(await linkOrExists(own, file))) await removeStale(folder, file);
  } catch (error) {
    held.delete(file);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return {
    async release() {
      if (held.delete(file) && (await readText(file)) === text) await rm(file, { force: true });
    },
  };
}

async function linkOrExists(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead process's lock away; throws when its process lives. */
async function removeStale(folder: string, file: string): Promise<void> {
  const text = await readText(file);
  if (text === undefined) return; // released in the meantime
  const holder = parseHolder(text);
  if (holder !== undefined && isAlive(holder)) throw inUse(folder, holder);
  // of two processes that find it stale, one renames it; if that was a new one's lock already, it is put back
  const aside = `${file}.stale.${process.pid}.part`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readText(aside)) !== text) await linkOrExists(aside, file);
  await rm(aside, { force: true });
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true; // nobody can tell from here
  if (pid === process.pid) return false; // not held by this process (above): an earlier one had our number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, since } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || typeof host !== 'string') return undefined;
    return { pid: pid!, host, since: String(since) };
  } catch {
    return undefined;
  }
}

const readText = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

function inUse(folder: string, { pid, host, since }: Holder): InputError {
  return new InputError(
    `${folder} is in use by process ${pid} on ${host} since ${since}, expected a folder that no other run works in (if that process is gone, delete ${join(folder, lockFileName)})`,
  );
}

/** Whether a process that lives, as far as can be told from here, works in a folder. */
export async function isLocked(folder: string): Promise<boolean> {
  const text = await readText(join(folder, lockFileName));
  const holder = text === undefined ? undefined : parseHolder(text);
  return holder !== undefined && (isAlive(holder) || held.has(join(folder, lockFileName)));
}
