import { errorsOfSums, type HeadAccuracy, saturates, undoHead } from '../network/head.js';
import { type Dataset, firstPairs, pairsAt } from '../records.js';
import type { Collection } from './collect.js';
import type { OutputStatistics } from './precision.js';
import type { Source } from './source.js';

/** Only so many times as many samples as are wanted are asked for, where a head saturates at most of them. */
const mostAsked = 100;

/** Samples are drawn for the next try as if so much more of them were saturated than before. */
const spare = 1.1;

/** What answers far out tell of the sums before a head that saturates. */
export interface FarSums {
  /** Whether all of them are known: they are bounded, and the far field is seen as without a head. */
  readonly areKnown: boolean;
  /** Whether they grow, as hardly any is known there and many are nearby. */
  readonly grow: boolean;
}

/**
 * A source of the sums before a head, from one of answers: everything below sees a target without a head. Samples whose
 * sums are not known, or badly, are left out of collections; `ask` gives NaN for them. What is judged at the end stays
 * as it was answered: held-out samples, `askAnswers` and the ledger. Where a head saturates, `far` says what answers far
 * out told of the sums.
 */
export function behindHead(source: Source, head: HeadAccuracy, far?: FarSums): Source {
  const undo = (answers: Float64Array) => undoHead(head.head, answers, source.outputDimension);
  return {
    inputDimension: source.inputDimension,
    get outputDimension() {
      return source.outputDimension;
    },
    get queries() {
      return source.queries;
    },
    noun: source.noun,
    get queriesBy() {
      return source.queriesBy;
    },
    get available() {
      return source.available;
    },
    reach: source.reach,
    seesFar: source.seesFar && (!saturates(head.head) || far?.areKnown === true),
    ...(far?.grow && { grows: true }),
    frame: source.frame,
    inFrame:
      source.inFrame && ((frame, numberType) => behindHead(source.inFrame!(frame, numberType), head, far)),
    ...(source.grid && { grid: source.grid }),
    head,
    collect: (subspace) => undoneCollection(source.collect(subspace), source.available, head),
    measureNoise: async (samples, scales) =>
      meanOf(errorsOfSums(head.head, samples.outputs, head).noise, scales),
    // a subspace is one of the sums too; those of a softmax are all equally accurate, others best as they are answered
    findSubspace: (spread, relativeError) =>
      head.head.name === 'softmax' || head.head.name === 'log-softmax'
        ? source.findSubspace(spread, relativeError, (answers) => undo(answers.map((p) => atLeast(head, p))))
        : source.findSubspace(spread, Math.max(relativeError, head.roundoff)),
    answers: () => source.answers(),
    drawHeldOut: () => source.drawHeldOut(),
    reserve: (count) => source.reserve(count),
    ask: async (inputs, count, purpose) => undo(await source.ask(inputs, count, purpose)),
    askAnswers: (inputs, count, purpose) => source.askAnswers(inputs, count, purpose),
  };
}

/** A probability that is no smaller than its number type goes: for differences any bend will do, but no NaN. */
const atLeast = ({ head, smallest }: HeadAccuracy, p: number) =>
  head.name === 'softmax' ? Math.max(p, smallest) : p;

/** Mean over numbers (count × o) of variances in scaled units. */
const meanOf = (variances: Float64Array, scales: Float64Array) =>
  variances.reduce((sum, v, i) => sum + v / scales[i % scales.length] ** 2, 0) / variances.length;

function undoneCollection(raw: Collection, available: number, head: HeadAccuracy): Collection {
  return {
    async take(spread, count) {
      for (let asked = Math.min(count, available); ; ) {
        const usable = toSums(head, await raw.take(spread, asked));
        if (usable.count >= count || asked >= available || asked >= mostAsked * count) {
          return firstPairs(usable, Math.min(count, usable.count));
        }
        const share = Math.max(1, usable.count) / asked;
        const wanted = Math.min(4 * asked, Math.ceil((spare * count) / share));
        asked = Math.min(available, mostAsked * count, Math.max(asked + 1, wanted));
      }
    },
  };
}

/** The rows of answers whose sums are known well, with the sums; without a head all of them as they are. */
export function toSums(head: HeadAccuracy | undefined, dataset: Dataset): Dataset {
  if (head === undefined) return dataset;
  const outputs = undoHead(head.head, dataset.outputs, dataset.outputDimension);
  const { rounding, noise } = errorsOfSums(head.head, outputs, head);
  const limit = head.largestError ** 2;
  return keepRows({ ...dataset, outputs }, (i) => rounding[i] + noise[i] <= limit);
}

/** The rows of a dataset whose outputs are all numbers. */
export function withoutUnknown(dataset: Dataset): Dataset {
  if (dataset.outputs.every((value) => !Number.isNaN(value))) return dataset;
  return keepRows(dataset, (i) => !Number.isNaN(dataset.outputs[i]));
}

/** The rows of whose outputs all, by their places, are `good`. */
function keepRows(dataset: Dataset, good: (place: number) => boolean): Dataset {
  const { count, outputDimension: o } = dataset;
  const kept: number[] = [];
  for (let n = 0; n < count; n++) {
    let isGood = true;
    for (let i = n * o; isGood && i < (n + 1) * o; i++) isGood = good(i);
    if (isGood) kept.push(n);
  }
  return kept.length === count ? dataset : pairsAt(dataset, kept);
}

/** Statistics of sums (`probed`) before a head, with what is known of the answers; without a head as they are. */
export function ofSums(
  statistics: OutputStatistics,
  { outputs }: Dataset,
  { head }: Pick<Source, 'head'>,
): OutputStatistics {
  if (head === undefined) return statistics;
  const { rounding } = errorsOfSums(head.head, outputs, head);
  const { numberType, roundoff, quanta } = head;
  const headRounding = meanOf(rounding, statistics.scales);
  return { ...statistics, numberType, roundoff, quanta, head, headRounding };
}
