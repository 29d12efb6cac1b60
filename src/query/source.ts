import type { Frame } from '../network/frame.js';
import type { HeadAccuracy } from '../network/head.js';
import type { Dataset } from '../records.js';
import type { Bounds } from './bounds.js';
import { type Collection, createCollection, drawHeldOut } from './collect.js';
import { askInFrame } from './in-frame.js';
import type { GridPlaces } from './on-grid.js';
import type { Oracle, QueriesBy, QueryPurpose } from './oracle.js';
import { measureNoise } from './precision.js';
import { findSubspace, type Subspace } from './subspace.js';

/** Where a recovery's samples come from: a target that answers queries, or pairs that somebody collected. */
export interface Source {
  readonly inputDimension: number;
  /** o; 0 before the first sample. */
  readonly outputDimension: number;
  /** Queries asked so far. */
  readonly queries: number;
  /** The same, by what they were for. */
  readonly queriesBy: QueriesBy;
  /** What one sample is called in messages, in the plural. */
  readonly noun: 'queries' | 'pairs';
  /** Most samples that a collection can hold; infinite where a target answers. */
  readonly available: number;
  /** Largest absolute value of an input that may be asked; 0 where nothing may. */
  readonly reach: number;
  /** Whether the target still says something of itself where inputs are large without a limit. */
  readonly seesFar: boolean;
  /** Of a source that does not see far: whether its answers are likely to grow there. */
  readonly grows?: boolean;
  /** Where inputs take some values alone: the only points that may be asked. */
  readonly grid?: GridPlaces;
  /** Of a source of the sums before a head: that head. */
  readonly head?: HeadAccuracy;
  /** A store of samples, in the coordinates of `subspace` where one is given. */
  collect(subspace?: Subspace): Collection;
  /** Variance of the noise on the answers, in scaled outputs. */
  measureNoise(samples: Dataset, scales: Float64Array): Promise<number>;
  /** The row space of the first layer, as `findSubspace` answers, of what `seen` makes of answers. */
  findSubspace(
    spread: number,
    relativeError: number,
    seen?: (answers: Float64Array) => Float64Array,
  ): ReturnType<typeof findSubspace>;
  /** From the coordinates of the samples to the target's own inputs; missing where they are the same. */
  readonly frame: Frame | undefined;
  /** The same in the coordinates of a frame, asked as numbers of the target's type; missing where it cannot be had. */
  readonly inFrame?: ((frame: Frame, numberType: 'float32' | 'float64') => Source) | undefined;
  /** Of a target that clips its inputs: the box in which it does not, which no query leaves any more. */
  readonly clips?: Bounds;
  /** Per output what was taken away from the target's answers; missing where nothing was. */
  readonly offsets?: Float64Array;
  /** Every answer so far, as the target gave it, as far as it is kept (unscaled, in the coordinates of the samples), and how many there were. */
  answers(): { readonly kept: readonly Dataset[]; readonly given: number };
  /** Samples that nothing is fitted to, as the target answers them. */
  drawHeldOut(): Promise<Dataset>;
  /** Throws `MemoryShort` when the machine has no room for so many samples more. */
  reserve(count: number): void;
  /** Answers to inputs of our choice; only who was given a subspace by this source may ask. */
  ask(inputs: Float64Array, count: number, purpose: QueryPurpose): Promise<Float64Array>;
  /** The same as the target gives them, where `ask` undoes a head. */
  askAnswers(inputs: Float64Array, count: number, purpose: QueryPurpose): Promise<Float64Array>;
}

/** Samples by asking a target. */
export function queriesAsSource(oracle: Oracle, seed: number, frame?: Frame): Source {
  const whole = createCollection(oracle, seed);
  return {
    inputDimension: oracle.inputDimension,
    get outputDimension() {
      return oracle.outputDimension;
    },
    get queries() {
      return oracle.queries;
    },
    get queriesBy() {
      return oracle.queriesBy;
    },
    noun: 'queries',
    available: Number.POSITIVE_INFINITY,
    reach: oracle.limit,
    seesFar: oracle.limit === Number.POSITIVE_INFINITY,
    frame,
    inFrame: (own, numberType) => queriesAsSource(askInFrame(oracle, own, numberType), seed, own),
    answers: () => ({ kept: oracle.ledger.kept(), given: oracle.ledger.count }),
    collect: (subspace) => (subspace === undefined ? whole : createCollection(oracle, seed, subspace)),
    measureNoise: (samples, scales) => measureNoise(oracle, samples, scales),
    findSubspace: (spread, relativeError, seen) =>
      findSubspace(seen ? seenThrough(oracle, seen) : oracle, seed, spread, relativeError),
    drawHeldOut: () => drawHeldOut(oracle, seed),
    reserve: (count) => oracle.reserve(count),
    ask: (inputs, count, purpose) => oracle.ask(inputs, count, purpose),
    askAnswers: (inputs, count, purpose) => oracle.ask(inputs, count, purpose),
  };
}

/** A source that does some things in its own way, over another that goes on counting; in no frame, unless it says how. */
export function sourceOver(source: Source, own: Partial<Source>): Source {
  return {
    ...source,
    inFrame: undefined,
    get outputDimension() {
      return source.outputDimension;
    },
    get queries() {
      return source.queries;
    },
    get queriesBy() {
      return source.queriesBy;
    },
    get available() {
      return source.available;
    },
    ...own,
  };
}

/** What Jacobians need of an oracle, with something done to its answers. */
function seenThrough(
  { inputDimension, limit, ask, reserve }: Oracle,
  seen: (answers: Float64Array) => Float64Array,
) {
  return {
    inputDimension,
    limit,
    reserve,
    ask: async (inputs: Float64Array, count: number, purpose: QueryPurpose) =>
      seen(await ask(inputs, count, purpose)),
  };
}
