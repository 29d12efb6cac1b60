// Loaded with `node --import` before eac: ends the process, or lets the disk fill up, at an exact moment.
// KILL_AT is `EVENT:NUMBER:SIGNAL`; the event is the start or the end of a file's renaming into the run folder
// (`before-rename`, `after-rename`), or a write of answers, of which half is carried out (`answers`). The
// signal ENOSPC makes the write fail instead.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [event, number, signal] = (process.env.KILL_AT ?? '').split(':');
const counts = new Map<string, number>();

/** Whether this is the moment. */
function isNow(name: string): boolean {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  if (name !== event) return false;
  return signal === 'ENOSPC' ? count >= Number(number) : count === Number(number);
}

function strike(): void {
  if (signal === 'ENOSPC') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  process.kill(process.pid, signal as NodeJS.Signals);
}

const { rename } = promises;
promises.rename = async (from, to) => {
  if (isNow('before-rename')) strike();
  await rename(from, to);
  if (isNow('after-rename')) strike();
};
const { writeSync } = fs;
fs.writeSync = ((descriptor: number, bytes: Buffer, done: number, length: number, at: number) => {
  if (at > 0 && isNow('answers')) {
    writeSync(descriptor, bytes, done, length >> 1, at);
    strike();
  }
  return writeSync(descriptor, bytes, done, length, at);
}) as typeof fs.writeSync;
syncBuiltinESMExports();
