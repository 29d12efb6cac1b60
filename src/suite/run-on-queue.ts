import * as v from 'valibot';
import { checkMessage } from '../queue/messages.js';
import type { Outcome } from '../queue/open-jobs.js';
import { formatPlain } from '../queue/plain-text.js';
import type { QueueRun } from '../queue/run.js';
import { largestFirst, type Work } from './run-tasks.js';

const lostReason = 'the workers that had this problem ended, three times';

/** What every record has, whatever the suite. */
const common = {
  target: v.string(),
  seed: v.number(),
  widths: v.array(v.number()),
  seconds: v.number(),
  maxWeightError: v.nullable(v.number()),
};
const verdict = {
  verdict: v.picklist(['identified', 'imitated', 'failed']),
  reason: v.string(),
  activation: v.nullable(v.string()),
  queries: v.number(),
  exact: v.boolean(),
  falselyIdentified: v.boolean(),
};

/** The records as they come back. */
const records = {
  recovery: v.looseObject({ ...common, ...verdict, d: v.number(), r: v.number(), students: v.number() }),
  expansion: v.looseObject({
    ...common,
    d: v.number(),
    r: v.number(),
    atFloor: v.number(),
    recovered: v.boolean(),
  }),
  deep: v.looseObject({ ...common, ...verdict, depth: v.number(), sizes: v.array(v.number()) }),
} as const;

/**
 * Runs the tasks of one kind on the workers of a queue, a task wholly in one thread. Returns the records in the order of
 * the tasks, those that threads of this process would give; `onDone` hears of each as it comes. A task that ended three
 * workers is a failed recovery.
 */
export async function runTasksOnQueue<Kind extends keyof Work>(
  kind: Kind,
  tasks: readonly Work[Kind]['task'][],
  { giver }: QueueRun,
  onDone?: (record: Work[Kind]['record']) => void,
): Promise<Work[Kind]['record'][]> {
  const order = largestFirst(tasks);
  const results = new Array<Work[Kind]['record']>(tasks.length);
  const jobs = order.map((i) => ({ kind, body: formatPlain(tasks[i]) }));
  const { done } = giver.give(jobs, (at, outcome) => {
    const record = readRecord(kind, tasks[order[at]], outcome);
    results[order[at]] = record;
    onDone?.(record);
  });
  await done;
  return results;
}

function readRecord<Kind extends keyof Work>(
  kind: Kind,
  task: Work[Kind]['task'],
  outcome: Outcome,
): Work[Kind]['record'] {
  if (outcome === 'lost') return lostRecord<Kind>(task);
  return checkMessage('a record', records[kind] as v.GenericSchema, outcome.value) as Work[Kind]['record'];
}

function lostRecord<Kind extends keyof Work>(task: Work[Kind]['task']): Work[Kind]['record'] {
  const { problem } = task;
  const base = {
    target: problem.activation,
    seed: problem.seed,
    widths: [],
    maxWeightError: null,
    seconds: 0,
  };
  const failed = {
    ...base,
    verdict: 'failed',
    reason: lostReason,
    activation: null,
    queries: 0,
    exact: false,
    falselyIdentified: false,
  } as const;
  if ('depth' in problem) {
    const unknown = { largestInStandardErrors: null, functionError: null };
    const record: Work['deep']['record'] = { ...failed, ...unknown, depth: problem.depth, sizes: [] };
    return record as Work[Kind]['record'];
  }
  const { inputs: d, hidden: r } = problem;
  if ('expansion' in task) {
    const { expansion } = task;
    const trained = { expansion, width: expansion * r, students: 0, atFloor: 0, recovered: false };
    const record: Work['expansion']['record'] = { ...base, ...trained, d, r };
    return record as Work[Kind]['record'];
  }
  const untold = {
    equivalentActivations: [],
    allowedError: 0,
    students: 0,
    shareAtFloor: 0,
    calibration: null,
  };
  const record: Work['recovery']['record'] = { ...failed, ...untold, d, r };
  return record as Work[Kind]['record'];
}
