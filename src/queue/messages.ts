import * as v from 'valibot';
import { InputError } from '../base/errors.js';
import { activationNames } from '../network/activations.js';
import type { Arithmetic } from './arithmetic.js';

/** Version of everything that goes through the queue. */
export const messageVersion = 1;

/** What fits into one message, in bytes of its text: a job, or a result. */
export const mostMessageBytes = 2 ** 26;

/** Largest array of samples that a worker takes, in bytes: inputs and outputs together. */
export const mostSampleBytes = 2 ** 30;

/** Bytes of one piece of samples, before it is compressed. */
export const pieceBytes = 2 ** 22;

/** Most parameters of a student: the kernels' memory, 4 GiB, holds no larger normal equations. */
export const mostParameters = 2 ** 15;

const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const integer = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const words = (most: number) => v.pipe(v.string(), v.maxLength(most));
const size = integer(1, mostParameters);
const numbers = v.pipe(
  v.instance(Float64Array),
  v.check((values) => values.length <= mostParameters, `at most ${mostParameters} numbers`),
);

/** Most hidden layers of a student. */
const mostLayers = 100;

const shapeFields = {
  inputs: size,
  outputs: size,
  activation: v.picklist(activationNames),
  slope: v.number(),
  skip: v.boolean(),
};

const descent = v.strictObject({
  maxIterations: v.optional(integer(0, 1e7)),
  tolerance: v.optional(v.number()),
  patience: v.optional(integer(0, 1e7)),
  minDecrease: v.optional(v.number()),
  initialDamping: v.optional(v.number()),
  float32Above: v.optional(v.number()),
  lastSteps: v.optional(v.boolean()),
  acceleration: v.optional(v.boolean()),
});

const streamName = v.pipe(v.array(v.union([words(1000), v.number()])), v.maxLength(100));

const method = v.variant('kind', [
  v.strictObject({ kind: v.literal('descend'), start: numbers, options: descent }),
  v.strictObject({
    kind: v.literal('adam'),
    start: numbers,
    options: v.strictObject({
      seed: streamName,
      epochs: integer(1, 1e6),
      learningRate: v.number(),
      parts: integer(1, 1e6),
    }),
  }),
  v.strictObject({
    kind: v.literal('grow'),
    options: v.strictObject({
      seed: streamName,
      initial: v.optional(numbers),
      isInitialKept: v.optional(v.boolean()),
      rounds: integer(0, 1e4),
      candidates: integer(0, 1e6),
      descend: descent,
    }),
  }),
]);

const samplesName = v.strictObject({
  hash: digest,
  count: integer(1, 2 ** 31),
  inputs: size,
  outputs: size,
});

/** What a student's job says beside its samples, which it names. */
export const fitSchema = v.strictObject({
  samples: samplesName,
  shape: v.union([
    v.strictObject({ ...shapeFields, hidden: integer(0, mostParameters) }),
    v.strictObject({
      ...shapeFields,
      widths: v.pipe(v.array(size), v.maxLength(mostLayers)),
      activations: v.optional(v.pipe(v.array(shapeFields.activation), v.maxLength(mostLayers))),
      residual: v.optional(v.boolean()),
      normalised: v.optional(v.boolean()),
    }),
  ]),
  method,
});

/** The samples that a job is trained on, by the hash of their content. */
export type SamplesName = v.InferOutput<typeof samplesName>;

/** A trained student as it comes back. */
export const fittedSchema = v.strictObject({
  parameters: numbers,
  loss: v.number(),
  iterations: integer(0, 1e7),
  reason: v.picklist(['tolerance', 'stalled', 'minimum', 'max-iterations', 'non-finite', 'lost']),
  lossCurve: v.pipe(
    v.instance(Float64Array),
    v.check((values) => values.length <= 1e6, 'at most 1e6 numbers'),
  ),
  shape: fitSchema.entries.shape,
});

/** The envelope of a job: what every worker can read. */
export const jobSchema = v.strictObject({
  version: v.literal(messageVersion),
  run: id,
  body: v.pipe(v.string(), v.maxLength(mostMessageBytes)),
});

/** How the samples of a run are kept in pieces. */
export const manifestSchema = v.strictObject({
  version: v.literal(messageVersion),
  /** Bytes of the two NPY files, one after the other; the first has `inputBytes` of them. */
  bytes: integer(1, mostSampleBytes + 1000),
  inputBytes: integer(1, mostSampleBytes),
  pieces: integer(1, Math.ceil((mostSampleBytes + 1000) / pieceBytes)),
  isPacked: v.boolean(),
});

/** How the samples of a run are kept in pieces. */
export type Manifest = v.InferOutput<typeof manifestSchema>;

const arithmetic = v.strictObject({
  version: words(100),
  code: words(100),
  kernels: words(100),
  numbers: words(100),
});

const runSchema = v.strictObject({
  version: v.literal(messageVersion),
  id,
  title: words(1000),
  host: words(300),
  process: integer(0, Number.MAX_SAFE_INTEGER),
  started: words(40),
  arithmetic,
  /** Jobs that were given out and those that came back, since the giver began. */
  given: integer(0, Number.MAX_SAFE_INTEGER),
  done: integer(0, Number.MAX_SAFE_INTEGER),
});

/** What a run says of itself. */
export interface RunEntry extends v.InferOutput<typeof runSchema> {
  readonly arithmetic: Arithmetic;
}

const workerSchema = v.strictObject({
  version: v.literal(messageVersion),
  id,
  host: words(300),
  process: integer(0, Number.MAX_SAFE_INTEGER),
  threads: integer(1, 1e6),
  started: words(40),
  /** Why it takes no jobs of the runs that there are; empty where it does. */
  refused: words(1000),
  done: integer(0, Number.MAX_SAFE_INTEGER),
  /** What it works on, in words. */
  jobs: v.pipe(v.array(v.strictObject({ run: id, words: words(300) })), v.maxLength(1e4)),
});

/** What a worker says of itself. */
export type WorkerEntry = v.InferOutput<typeof workerSchema>;

/** A message as its schema says. Throws `InputError` which names `what`, and the field that is wrong. */
export function checkMessage<Schema extends v.GenericSchema>(
  what: string,
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const at = v.getDotPath(issue);
  throw new InputError(
    `${what} has ${at ? `in ${at} ` : ''}${issue.received}, expected ${issue.expected ?? issue.message}`,
  );
}

/** What a run wrote of itself; undefined for a text that nobody here wrote. */
export const readRunEntry = (text: string): RunEntry | undefined => readEntry(runSchema, text);

/** What a worker wrote of itself; undefined for a text that nobody here wrote. */
export const readWorkerEntry = (text: string): WorkerEntry | undefined => readEntry(workerSchema, text);

function readEntry<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
