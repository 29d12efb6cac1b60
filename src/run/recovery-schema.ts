import * as v from 'valibot';
import { activationNames } from '../network/activations.js';
import { headNames } from '../network/head.js';

/** A number; NaN and the infinities are null in JSON. */
const number = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? Number.NaN),
);
const numbers = v.pipe(
  v.array(number),
  v.transform((values) => Float64Array.from(values)),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const activation = v.picklist(activationNames);

/** Limits: those that are infinite are null in JSON. */
const limits = (infinite: number) =>
  v.pipe(
    v.array(v.nullable(v.number())),
    v.transform((values) => Float64Array.from(values, (value) => value ?? infinite)),
  );
const head = v.object({
  name: v.picklist(headNames.filter((name) => name !== 'linear')),
  lower: limits(Number.NEGATIVE_INFINITY),
  upper: limits(Number.POSITIVE_INFINITY),
});

const path = v.object({ from: count, to: count, weights: numbers });

const norm = v.object({ gains: numbers, shifts: numbers, epsilon: number });

const network = v.object({
  // of layers that differ all names are here, with commas
  activation: v.pipe(
    v.string(),
    v.transform((text) => text.split(', ')[0]),
    activation,
  ),
  activations: v.optional(v.array(activation)),
  slope: v.number(),
  slopes: v.optional(v.array(numbers)),
  norms: v.optional(v.array(v.nullable(norm))),
  head: v.optional(head),
  paths: v.optional(v.array(path)),
  layers: v.pipe(
    v.array(v.object({ inputs: count, outputs: count, weights: numbers, biases: numbers })),
    v.minLength(1),
    v.everyItem(
      ({ inputs, outputs, weights, biases }) =>
        weights.length === inputs * outputs && biases.length === outputs,
      'expected outputs × inputs weights and as many biases as outputs',
    ),
  ),
});

/** Of a student: one hidden layer has `hidden`, several have `widths`. */
const student = v.object({
  index: count,
  start: v.string(),
  peeled: v.optional(count),
  spread: number,
  samples: count,
  shape: v.looseObject({
    inputs: count,
    outputs: count,
    activation,
    hidden: v.optional(count),
    widths: v.optional(v.array(count)),
  }),
  parameters: numbers,
  loss: number,
  iterations: count,
  reason: v.string(),
  lossCurve: numbers,
  atFloor: v.boolean(),
});

/** The loss of a cut is NaN where none was measured. */
const cut = v.object({ students: count, height: number, clusters: count, loss: number });
const clustering = v.object({
  students: v.array(count),
  metric: v.picklist(['euclidean', 'sign-free', 'angle', 'line-angle']),
  linkage: numbers,
  cuts: v.array(cut),
  chosen: cut,
  clusters: v.array(
    v.object({
      members: v.array(v.object({ student: count, neuron: count })),
      share: number,
      medianDistance: number,
      kept: v.boolean(),
      why: v.string(),
    }),
  ),
  incoming: numbers,
});
const deletion = v.object({
  incoming: numbers,
  lossWithout: number,
  removed: v.boolean(),
  isEstimated: v.optional(v.boolean()),
});
const layer = v.object({
  clustering: v.optional(clustering),
  deletions: v.optional(v.array(deletion)),
  signs: v.optional(v.looseObject({ kind: v.string() })),
});

/** One of several hidden layers: also how it was found. */
const layerOfSeveral = v.object({
  how: v.optional(v.string()),
  lines: v.optional(count),
  inspected: v.optional(count),
  students: v.optional(count),
  widths: v.optional(v.array(count)),
  peeled: v.optional(count),
  followed: v.optional(
    v.object({ bends: count, neurons: count, queries: count, forNeurons: count, ended: v.string() }),
  ),
  ...layer.entries,
});

/** The region that a verdict holds for. */
const region = v.object({
  kind: v.picklist(['distances', 'bounds', 'pairs', 'grid']),
  least: number,
  most: number,
  around: v.optional(v.object({ shifts: v.array(number), scales: v.array(number) })),
  shells: v.array(
    v.object({
      kind: v.picklist(['cloud', 'single inputs', 'corners', 'normals', 'bends', 'pairs']),
      size: number,
      queries: count,
      share: number,
      contradicted: count,
    }),
  ),
});

/** The network against every answer of its run. */
const answers = v.object({
  checked: count,
  given: count,
  contradicted: count,
  largestError: number,
  allowedError: number,
  nearest: number,
});

const certificate = v.looseObject({
  floor: number,
  floorCause: v.string(),
  heldOut: v.object({
    count,
    maxError: number,
    relativeError: number,
    floor: number,
    expected: number,
    // files of before do not have these three
    allowed: v.optional(number),
    errorQuantiles: v.optional(v.pipe(numbers, v.length(101, 'expected 101 quantiles'))),
    examples: v.optional(
      v.pipe(
        v.object({ answers: numbers, predictions: numbers }),
        v.check(
          ({ answers, predictions }) => answers.length === predictions.length,
          'expected as many predictions as answers',
        ),
      ),
    ),
  }),
  identifiability: v.looseObject({
    parameters: count,
    freeDirections: count,
    fullRank: v.boolean(),
    condition: number,
    largestRelativeError: number,
    openWeights: v.optional(v.array(v.object({ layer: count, neuron: count, inputs: v.array(count) }))),
    byProducts: v.optional(
      v.object({
        probes: count,
        products: count,
        mostCondition: number,
        risk: number,
        open: v.optional(v.string()),
      }),
    ),
  }),
  // files of before do not have these
  region: v.optional(region),
  answers: v.optional(answers),
  minimal: v.boolean(),
  estimatedDeletions: v.optional(count),
  leastDeletionFactor: number,
  agreement: v.object({ students: count, agreeing: count }),
});

/** What was tried before without success. */
const tried = v.object({
  what: v.string(),
  queries: count,
  students: count,
  races: v.optional(
    v.array(
      v.object({
        widths: v.array(count),
        spread: number,
        students: count,
        activations: v.array(activation),
        loss: number,
      }),
    ),
  ),
  why: v.optional(v.string()),
});

const evidence = v.object({
  numberType: v.optional(v.string()),
  head: v.optional(head),
  clipped: v.optional(v.object({ lower: numbers, upper: numbers })),
  pairs: v.optional(v.looseObject({ count })),
  subspace: v.optional(v.looseObject({ rank: count, inputDimension: count })),
  students: v.array(student),
  // files of before do not have it
  tried: v.optional(v.array(tried)),
  // one hidden layer has these three here, several have one entry each in `layers`
  ...layer.entries,
  layers: v.optional(v.array(layerOfSeveral)),
  rivals: v.optional(
    v.object({
      tried: v.array(v.string()),
      equal: v.array(v.string()),
      ruledOut: v.optional(v.array(v.string()), []),
    }),
  ),
  certificate: v.optional(certificate),
});

/** recovery.json as far as it is read again (docs/run-folder.md); null becomes NaN where a number is expected. */
export const recoverySchema = v.object({
  verdict: v.picklist(['identified', 'imitated', 'failed']),
  reason: v.string(),
  // of layers that differ the names with commas between them
  activation: v.nullable(v.string()),
  activations: v.optional(v.array(activation)),
  widths: v.array(count),
  queries: count,
  seconds: number,
  loss: v.nullable(v.number()),
  floor: v.nullable(v.number()),
  heldOut: v.nullable(v.object({ maxError: number, relativeError: number })),
  slope: v.nullable(v.number()),
  equivalentActivations: v.array(v.string()),
  target: v.string(),
  seed: count,
  options: v.record(v.string(), v.unknown()),
  versions: v.record(v.string(), v.string()),
  network: v.nullable(network),
  evidence,
});

/** One hidden layer's part of the evidence. */
export type StoredLayer = v.InferOutput<typeof layerOfSeveral>;

/** The certificate as recovery.json holds it. */
export type StoredCertificate = v.InferOutput<typeof certificate>;

/** The figures of held-out queries as recovery.json holds them. */
export type StoredHeldOut = v.InferOutput<typeof certificate>['heldOut'];

/** What was tried without success, as recovery.json holds it. */
export type StoredTried = v.InferOutput<typeof tried>;

/** One student as recovery.json holds it. */
export type StoredStudent = v.InferOutput<typeof student>;

/** The clustering of one hidden layer as recovery.json holds it. */
export type StoredClustering = v.InferOutput<typeof clustering>;

/** What recovery.json holds. */
export type StoredRecovery = v.InferOutput<typeof recoverySchema>;
