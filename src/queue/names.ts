/** Before every key, and before those of the queue itself. */
export const keyPrefix = 'eac';

/** Name of the queue: the list of the jobs that wait is `eac:jobs:wait`, which scalers look at. */
export const queueName = 'jobs';

/** The keys beside the queue's own. */
export const keys = {
  /** Set of the ids of runs. */
  runs: `${keyPrefix}:runs`,
  /** What a run says of itself (`RunEntry`); goes with its giver. */
  run: (run: string) => `${keyPrefix}:run:${run}`,
  /** Who gives the jobs of a run out now. */
  giver: (run: string) => `${keyPrefix}:run:${run}:giver`,
  /** Hash of results by job. */
  results: (run: string) => `${keyPrefix}:run:${run}:results`,
  /** Hash of the manifests of samples by content hash. */
  samples: (run: string) => `${keyPrefix}:run:${run}:samples`,
  /** Set of the keys of all pieces of a run, those of an earlier giver among them. */
  pieces: (run: string) => `${keyPrefix}:run:${run}:pieces`,
  /** One piece of samples. */
  piece: (run: string, hash: string, index: number) => `${keyPrefix}:run:${run}:samples:${hash}:${index}`,
  /** List of the workers that began a job and did not end it. */
  starters: (job: string) => `${keyPrefix}:job:${job}:starters`,
  /** There while nobody waits for a job any more. */
  cancelled: (job: string) => `${keyPrefix}:job:${job}:cancelled`,
  /** Set of the ids of workers. */
  workers: `${keyPrefix}:workers`,
  /** What a worker says of itself (`WorkerEntry`); goes with it. */
  worker: (worker: string) => `${keyPrefix}:worker:${worker}`,
} as const;

/** Seconds after which everything of a run whose giver never came back is gone. */
export const keptSeconds = 86_400;

/** Seconds that a giver may be gone before its jobs are dropped: it gives them out again when it comes back. */
export const giverPatience = 600;
