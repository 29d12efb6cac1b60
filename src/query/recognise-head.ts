import {
  errorsOfSums,
  type Head,
  type HeadAccuracy,
  type HeadName,
  plainHead,
  undoHead,
} from '../network/head.js';
import { columnsOf } from '../numeric/columns.js';
import type { Dataset } from '../records.js';
import type { OutputStatistics } from './precision.js';

/** What answers say of the head that they come through. */
export interface Recognition {
  /** Heads that they may have, the likeliest first. */
  readonly heads: readonly Head[];
  /** Whether no target without a head answers so. */
  readonly isCertain: boolean;
  /** Whether extremes of an output repeat exactly. */
  readonly isClipped: boolean;
}

/** Roundings by which the probabilities of an answer may miss 1, an output. */
const roundingsOfSum = 4;

/** An extreme counts as a limit where so many answers, and such a share of them, are equal to it. */
const repeated = { least: 3, share: 0.01 };

/** Part of the range of answers next to a limit in which a clip leaves few of them, and a tanh many. */
const nextToLimit = 0.02;

/** Answers of a tanh head with no limits in sight reach this far at least; else they could be anything. */
const leastOfTanh = 0.3;

/**
 * The heads that `answers` may come through (method.md §11): probabilities that sum to 1, or whose exponentials do;
 * extremes that repeat exactly; single numbers inside (0, 1) or (−1, 1). Nothing for those of an ordinary linear layer.
 */
export function recogniseHead(
  answers: Dataset,
  { roundoff, quanta }: Pick<OutputStatistics, 'roundoff' | 'quanta'>,
): Recognition {
  const { outputs, count, outputDimension: o } = answers;
  const step = quanta.reduce((most, quantum) => Math.max(most, quantum), 0);
  if (o > 1 && sumToOne(outputs, o, step / 2, roundoff)) {
    return { heads: [plainHead('softmax')], isCertain: true, isClipped: false };
  }
  if (o > 1 && exponentialsSumToOne(outputs, o, step / 2, roundoff)) {
    return { heads: [plainHead('log-softmax')], isCertain: true, isClipped: false };
  }
  const columns = columnsOf(outputs, count, o);
  const limits = columns.map(limitsOf);
  const isInside = (low: number, high: number) => outputs.every((y) => y >= low && y <= high);
  const heads: Head[] = [];
  if (isInside(0, 1)) heads.push(plainHead('sigmoid'));
  else if (isInside(-1, 1) && columns.every((values) => largestOf(values) >= leastOfTanh)) {
    heads.push(headNamed('tanh', answers));
  }
  const isTwoSided = limits.every(({ lower, upper }) => lower !== undefined && upper !== undefined);
  if (heads.length === 0 && isTwoSided) heads.push(headNamed('tanh', answers));
  const isClipped = limits.some(({ lower, upper }) => lower !== undefined || upper !== undefined);
  if (!isClipped) return { heads, isCertain: false, isClipped };
  const isBent = limits.some(({ lower, upper }) => lower?.isSmooth === false || upper?.isSmooth === false);
  const clip = headNamed('clip', answers);
  return { heads: isBent ? [clip, ...heads] : [...heads, clip], isCertain: false, isClipped };
}

/**
 * The heads of answers that far out are limits nearly everywhere (`far`), where those nearby say nothing of a head:
 * tanh and clip. Nothing where they go on changing, or where those nearby lie beyond.
 */
export function recogniseFar(far: Dataset, near: Dataset): readonly Head[] {
  const tanh = headNamed('tanh', near, far);
  const isLimited = limitsFrom(near, far, true).every(
    ({ lower, upper }) => lower !== undefined || upper !== undefined,
  );
  const isTanh = isLimited && isSaturated(tanh, far.outputs, far.outputDimension);
  return isTanh ? [tanh, headNamed('clip', near, far)] : [];
}

/** Share of answers far out that are limits where a head saturates. */
const saturatedShare = 0.9;

/** Whether nearly all answers (count × o) are limits of a head, but for rounding. */
export function isSaturated({ name, lower, upper }: Head, answers: Float64Array, o: number): boolean {
  const near = answers.filter((y, i) => {
    const [low, high] = name === 'sigmoid' ? [0, 1] : [lower[i % o], upper[i % o]];
    const error = 1e-6 * (Number.isFinite(high - low) ? high - low : 1);
    return y <= low + error || y >= high - error;
  });
  return near.length >= saturatedShare * answers.length;
}

const largestOf = (values: Float64Array) => values.reduce((most, y) => Math.max(most, Math.abs(y)), 0);

/** A head by its name, with what answers nearby and far out say of its limits. */
export function headNamed(name: Exclude<HeadName, 'linear'>, near: Dataset, far?: Dataset): Head {
  if (name === 'softmax' || name === 'log-softmax' || name === 'sigmoid') return plainHead(name);
  const seen = limitsFrom(near, far, name === 'tanh');
  const limits = name === 'clip' && far !== undefined ? withUnseen(seen, [near, far]) : seen;
  // where one limit of a tanh is not seen, it is taken for the other's mirror image
  const otherwise = (seen: number | undefined) => (name === 'clip' ? Number.POSITIVE_INFINITY : (seen ?? 1));
  return {
    name,
    lower: Float64Array.from(limits, ({ lower, upper }) => lower ?? -otherwise(upper)),
    upper: Float64Array.from(limits, ({ lower, upper }) => upper ?? otherwise(lower && -lower)),
  };
}

/**
 * Limits of a clip with those that few answers come to: one that nearby not one of a hundred reaches is hardly seen, and
 * behind it such answers are taken for sums. What all other outputs have there, or else the mirror image of the output's
 * other limit, is supposed where no answer lies beyond; if no sum passes it either, the ending leaves it out.
 */
function withUnseen(limits: readonly SeenLimits[], answers: readonly Dataset[]): readonly SeenLimits[] {
  const isBeyond = (k: number, side: 1 | -1, limit: number) =>
    answers.some(({ outputs, outputDimension: o }) =>
      outputs.some((y, i) => i % o === k && side * y > side * limit),
    );
  const suppose = (k: number, end: 'lower' | 'upper') => {
    if (limits[k][end] !== undefined) return limits[k][end];
    const others = new Set(limits.map((own) => own[end]).filter((at) => at !== undefined));
    const across = limits[k][end === 'lower' ? 'upper' : 'lower'];
    const [limit] = others.size === 1 ? others : across === undefined ? [] : [-across];
    return limit === undefined || isBeyond(k, end === 'upper' ? 1 : -1, limit) ? undefined : limit;
  };
  return limits.map((_, k) => ({ lower: suppose(k, 'lower'), upper: suppose(k, 'upper') }));
}

/**
 * The heads of a name that answers allow, the likeliest first: a tanh as it is written, from −1 to 1, before one whose
 * limits are extremes that may be those of the network behind it, if answers go far enough for it to show.
 */
export function headsNamed(name: Exclude<HeadName, 'linear'>, near: Dataset, far?: Dataset): Head[] {
  const seen = headNamed(name, near, far);
  const isInside = [near, far].every((answers) => answers?.outputs.every((y) => Math.abs(y) <= 1) ?? true);
  const isPlain = seen.lower.every((limit, k) => limit === -1 && seen.upper[k] === 1);
  // answers near 0 alone would come through a tanh as they are, and nobody could tell
  const isBent = columnsOf(near.outputs, near.count, near.outputDimension).every((values, k) => {
    const distant = far && columnsOf(far.outputs, far.count, far.outputDimension)[k];
    return Math.max(largestOf(values), distant ? largestOf(distant) : 0) >= leastOfTanh;
  });
  if (name !== 'tanh' || !isInside || isPlain || !isBent) return [seen];
  return [{ name, lower: seen.lower.map(() => -1), upper: seen.upper.map(() => 1) }, seen];
}

/**
 * Per output the limits that answers nearby show, or those far out with no answer nearby beyond them. For a tanh, what
 * has no answers beside it is no limit, but a region where no neuron is active (`smooth`).
 */
function limitsFrom(near: Dataset, far: Dataset | undefined, smooth: boolean): SeenLimits[] {
  const nearby = columnsOf(near.outputs, near.count, near.outputDimension);
  const distant = far && columnsOf(far.outputs, far.count, far.outputDimension);
  return nearby.map((values, k) => {
    const own = limitsOf(values);
    const others = distant && limitsOf(distant[k]);
    const choose = (end: 'lower' | 'upper') => {
      const bent = smooth && own[end]?.isSmooth === false ? own[end].at : undefined;
      const at = others?.[end]?.at;
      const isEndOf = (limit: number, answers: Float64Array) =>
        answers.every((y) => (end === 'lower' ? y >= limit : y <= limit));
      if (at !== undefined && isEndOf(at, values) && at !== bent) return at;
      // what answers far out lie beyond is no limit
      const seen = bent === undefined ? own[end]?.at : undefined;
      return seen !== undefined && isEndOf(seen, distant?.[k] ?? values) ? seen : undefined;
    };
    return { lower: choose('lower'), upper: choose('upper') };
  });
}

function sumToOne(outputs: Float64Array, o: number, step: number, roundoff: number): boolean {
  return rowsOf(outputs, o).every((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.every((p) => p >= 0) && Math.abs(sum - 1) <= o * (step + roundingsOfSum * roundoff);
  });
}

function exponentialsSumToOne(outputs: Float64Array, o: number, step: number, roundoff: number): boolean {
  return rowsOf(outputs, o).every((row) => {
    const sum = row.reduce((all, y) => all + Math.exp(y), 0);
    const error = row.reduce(
      (all, y) => all + Math.exp(y) * (step + roundingsOfSum * roundoff * (1 + Math.abs(y))),
      0,
    );
    return row.every((y) => y <= 0) && Math.abs(sum - 1) <= roundingsOfSum * error;
  });
}

const rowsOf = (values: Float64Array, o: number) =>
  Array.from({ length: values.length / o }, (_, n) => values.subarray(n * o, (n + 1) * o));

/** An extreme of an output that repeats exactly, and whether answers crowd next to it, as those of a tanh do. */
interface Limit {
  readonly at: number;
  readonly isSmooth: boolean;
}

interface Limits {
  readonly lower: Limit | undefined;
  readonly upper: Limit | undefined;
}

/** Limits of one output, as far as answers show them. */
interface SeenLimits {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** Extremes of one output that repeat exactly more often than answers next to them would. */
function limitsOf(values: Float64Array): Limits {
  const [least, most] = values.reduce(
    ([low, high], y) => [Math.min(low, y), Math.max(high, y)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const range = most - least;
  const limitAt = (extreme: number): Limit | undefined => {
    const equal = values.filter((y) => y === extreme).length;
    if (!(range > 0) || equal < Math.max(repeated.least, repeated.share * values.length)) return undefined;
    const beside = values.filter((y) => y !== extreme && Math.abs(y - extreme) < nextToLimit * range).length;
    return { at: extreme, isSmooth: beside > equal / 2 };
  };
  return { lower: limitAt(least), upper: limitAt(most) };
}

/** Rows with larger errors than so many times those of the best tenth are left out, and never larger ones than this. */
const accepted = { times: 30, quantile: 0.1, most: 0.1 };

/** Smallest numbers that are told from 0: some hardware takes those below 2⁻¹²⁶ for it, and squares of float64 end at 2⁻⁵³⁷. */
const smallestNumber = { float32: 2 ** -126, float64: 2 ** -500 };

/**
 * What is known of a head's answers: `statistics` are those of raw `answers`, `noise` the variance of the noise on them
 * in their scaled units. Where one of two probabilities is 1 less the other, it is as inaccurate as numbers near 1.
 */
export function measureHead(
  head: Head,
  answers: Dataset,
  { roundoff, numberType, quanta, scales }: OutputStatistics,
  noise: number,
): HeadAccuracy {
  const { outputs, outputDimension: o } = answers;
  const variances = scales.map((scale, k) => noise * scale ** 2 + quanta[k] ** 2 / 12);
  const round = (value: number) => (numberType === 'float32' ? Math.fround(value) : value);
  if (head.name === 'softmax' && o === 2) {
    for (const k of [0, 1]) {
      const isRest = rowsOf(outputs, o).every((row) => row[k] === round(1 - row[1 - k]));
      if (isRest) variances[k] += roundoff ** 2;
    }
  }
  const accuracy = {
    head,
    scales,
    numberType,
    quanta,
    roundoff,
    smallest: smallestNumber[numberType],
    variances,
    largestError: accepted.most,
  };
  const { rounding, noise: left } = errorsOfSums(head, undoHead(head, outputs, o), accuracy);
  const worst = rowsOf(
    rounding.map((value, i) => value + left[i]),
    o,
  )
    .map((row) => row.reduce((most, value) => (value <= most ? most : value), 0))
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  const best = worst[Math.floor(accepted.quantile * worst.length)] ?? 0;
  return { ...accuracy, largestError: Math.min(accepted.most, accepted.times * Math.sqrt(best)) };
}
