import { parseQueueAddress, passwordVariable, type QueueAddress } from '../queue/address.js';
import type { QueueState } from '../queue/run.js';
import type { OptionEntry } from './option-table.js';

/** The option that gives work to the workers of a queue. */
export const queueOption: OptionEntry = {
  flags: '--queue <address>',
  meaning: `students are trained by the workers of a queue, redis://host:port or rediss://…; its password may be in ${passwordVariable}`,
  parse: (text): QueueAddress => parseQueueAddress(text),
  shownDefault: 'none',
};

/** The state of a queue on one line. */
export function describeQueue({ isUp, workers }: QueueState): string {
  if (!isUp) return 'the queue does not answer';
  if (workers.length === 0) return 'no workers';
  const busy = workers.filter(({ jobs }) => jobs > 0);
  const shown = busy.slice(0, 3).map(({ name, jobs }) => `${name} ${jobs}`);
  const more = busy.length > shown.length ? ', …' : '';
  const named = busy.length > 0 ? ` (${shown.join(', ')}${more})` : '';
  return `${workers.length} worker${workers.length === 1 ? '' : 's'}${named}`;
}

/** Tells in lines what changes among the workers of a run. */
export function createQueueTeller(place: string, say: (line: string) => void): (state: QueueState) => void {
  let known = new Set<string>();
  let wasUp = true;
  let isFirst = true;
  return ({ isUp, workers, refused }) => {
    if (isUp !== wasUp) {
      say(isUp ? `${place} answers again` : `${place} does not answer: waiting for it`);
      wasUp = isUp;
    }
    if (!isUp) return;
    if (isFirst && workers.length === 0) {
      say(`no worker takes jobs from ${place} yet: eac worker --queue ${place}`);
    }
    isFirst = false;
    const now = new Set([
      ...workers.map(({ name, threads }) => `${name} with ${threads} thread${threads === 1 ? '' : 's'}`),
      ...refused.map(({ name, why }) => `${name}, which may take no jobs: ${why}`),
    ]);
    for (const one of now) if (!known.has(one)) say(`worker ${one}`);
    for (const one of known) if (!now.has(one)) say(`worker ${one} is gone`);
    known = now;
  };
}
