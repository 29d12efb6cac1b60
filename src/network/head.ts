/** The heads that a target may have, `linear` for none. */
export const headNames = ['linear', 'softmax', 'log-softmax', 'sigmoid', 'tanh', 'clip'] as const;

/** One of them. */
export type HeadName = (typeof headNames)[number];

/** What a target applies to the sums of its last layer before it answers; a linear target has none (method.md §11). */
export interface Head {
  readonly name: Exclude<HeadName, 'linear'>;
  /**
   * Of tanh and clip: the least and the largest answer of every output (o each), infinite where a clip has none; tanh
   * answers (lower + upper)/2 + (upper − lower)/2·tanh(u). Empty for the others.
   */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** A head without numbers of its own. */
export function plainHead(name: 'softmax' | 'log-softmax' | 'sigmoid'): Head {
  return { name, lower: new Float64Array(), upper: new Float64Array() };
}

/** Whether a constant that is added to all sums of an answer changes nothing: their sum is what no answer shows. */
export function hasFreeShift(head: Pick<Head, 'name'> | undefined): boolean {
  return head?.name === 'softmax' || head?.name === 'log-softmax';
}

/** Whether a head has no limits of its own, or those of a tanh as it is written: no extreme of answers is taken for one. */
export const isAsWritten = ({ name, lower, upper }: Head): boolean =>
  lower.length === 0 || (name === 'tanh' && [...lower, ...upper].every((limit) => Math.abs(limit) === 1));

/** Whether answers stop to change where sums are large: nothing is seen from far out then. */
export function saturates(head: Pick<Head, 'name'> | undefined): boolean {
  return head !== undefined && head.name !== 'log-softmax';
}

/** Answers (count × o) to sums (count × o); without a head they are the same. */
export function applyHead(head: Head | undefined, sums: Float64Array, o: number): Float64Array {
  if (head === undefined) return sums;
  if (hasFreeShift(head)) return applySoftmax(sums, o, head.name === 'log-softmax');
  return sums.map((u, i) => applyToOne(head, u, i % o));
}

function applySoftmax(sums: Float64Array, o: number, isLog: boolean): Float64Array {
  const answers = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at += o) {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = at; k < at + o; k++) top = Math.max(top, sums[k]);
    let total = 0;
    for (let k = at; k < at + o; k++) total += Math.exp(sums[k] - top);
    const logarithm = Math.log(total);
    for (let k = at; k < at + o; k++) {
      answers[k] = isLog ? sums[k] - top - logarithm : Math.exp(sums[k] - top) / total;
    }
  }
  return answers;
}

/** The answer of output k to its sum, for the heads that see outputs one by one. */
function applyToOne({ name, lower, upper }: Head, u: number, k: number): number {
  if (name === 'sigmoid') return 1 / (1 + Math.exp(-u));
  if (name === 'clip') return Math.min(upper[k], Math.max(lower[k], u));
  return (lower[k] + upper[k]) / 2 + ((upper[k] - lower[k]) / 2) * Math.tanh(u);
}

/**
 * Sums (count × o) from answers: those of a softmax centred over the outputs. NaN where an answer is all that the head
 * lets through, so that its sum is not known: p = 0, p = 1, a limit.
 */
export function undoHead(head: Head, answers: Float64Array, o: number): Float64Array {
  if (!hasFreeShift(head)) return answers.map((y, i) => undoOne(head, y, i % o));
  const sums =
    head.name === 'softmax' ? answers.map((p) => (p > 0 ? Math.log(p) : Number.NaN)) : answers.slice();
  centre(sums, o);
  return sums;
}

/** Subtracts from the o numbers of every row their mean. */
function centre(sums: Float64Array, o: number): void {
  for (let at = 0; at < sums.length; at += o) {
    let mean = 0;
    for (let k = at; k < at + o; k++) mean += sums[k] / o;
    for (let k = at; k < at + o; k++) sums[k] -= mean;
  }
}

function undoOne({ name, lower, upper }: Head, y: number, k: number): number {
  if (name === 'sigmoid') return y > 0 && y < 1 ? Math.log(y) - Math.log1p(-y) : Number.NaN;
  if (!(y > lower[k] && y < upper[k])) return Number.NaN;
  // exact differences near a limit, where atanh of a quotient would lose what is left
  return name === 'clip' ? y : (Math.log(y - lower[k]) - Math.log(upper[k] - y)) / 2;
}

/** ∂answer/∂sum of one output, for the heads that see outputs one by one. */
function slopeOf(head: Head, u: number, k: number): number {
  if (head.name === 'clip') return u > head.lower[k] && u < head.upper[k] ? 1 : 0;
  const z = head.name === 'sigmoid' ? u / 2 : u;
  const half = head.name === 'sigmoid' ? 0.25 : (head.upper[k] - head.lower[k]) / 2;
  const e = Math.exp(-2 * Math.abs(z));
  return (half * 4 * e) / (1 + e) ** 2;
}

/**
 * Variances of answers (count × o) from those of sums, to first order: Σⱼ (∂yₖ/∂uⱼ)²·vⱼ.
 */
export function carryVariances(
  head: Head,
  sums: Float64Array,
  variances: Float64Array,
  o: number,
): Float64Array {
  if (!hasFreeShift(head)) return variances.map((v, i) => v * slopeOf(head, sums[i], i % o) ** 2);
  return logVariances(sums, variances, o, (p) => (head.name === 'softmax' ? p : 1));
}

/** Variances of log p, times the square of what `factor` makes of p. */
function logVariances(
  sums: Float64Array,
  variances: Float64Array,
  o: number,
  factor: (p: number) => number,
): Float64Array {
  const probabilities = applyHead(plainHead('softmax'), sums, o);
  const carried = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at += o) {
    let all = 0;
    for (let j = at; j < at + o; j++) all += probabilities[j] ** 2 * variances[j];
    for (let k = at; k < at + o; k++) {
      const p = probabilities[k];
      // (1 − p)²v + Σ of the others, without the difference of nearly equal numbers
      const others = Math.max(0, all - p * p * variances[k]);
      carried[k] = factor(p) ** 2 * ((1 - p) ** 2 * variances[k] + others);
    }
  }
  return carried;
}

/**
 * The largest change of every answer (count × o) when sums are off by `errors` (count × o, deviations): not to first
 * order, as a sum may be off by more than a head is straight for.
 */
export function largestChanges(
  head: Head,
  sums: Float64Array,
  errors: Float64Array,
  o: number,
): Float64Array {
  if (!hasFreeShift(head)) {
    return sums.map((u, i) => {
      const y = applyToOne(head, u, i % o);
      const [low, high] = [-errors[i], errors[i]].map((e) => applyToOne(head, u + e, i % o));
      return Math.max(y - low, high - y);
    });
  }
  const squares = logVariances(
    sums,
    errors.map((e) => e * e),
    o,
    () => 1,
  );
  const deviations = squares.map(Math.sqrt);
  if (head.name === 'log-softmax') return deviations;
  const probabilities = applyHead(head, sums, o);
  return deviations.map((e, i) => Math.min(1, probabilities[i] * Math.expm1(Math.min(e, 700))));
}

/** How accurate the answers of a target with a head are. */
export interface AnswerPrecision {
  /** Largest relative error of an answer by its number type. */
  readonly roundoff: number;
  /** Absolute error below which that type does not go. */
  readonly smallest: number;
  /** Per output the variance of noise and of rounding to a grid. */
  readonly variances: Float64Array;
}

/** A target's head with what is known of its answers, measured on them alone. */
export interface HeadAccuracy extends AnswerPrecision {
  readonly head: Head;
  readonly numberType: 'float32' | 'float64';
  /** Per output the step of the grid that answers are rounded to; 0 where there is none. */
  readonly quanta: Float64Array;
  /** Per output a power of two near the deviation of its answers. */
  readonly scales: Float64Array;
  /** Largest error (deviation) of a sum that training takes: others say little and would weigh as much. */
  readonly largestError: number;
}

/** What rounding of numbers of a type changes of answers (count × o) when a target evaluates its head: deviations. */
export function roundingOfAnswers(
  head: Head,
  answers: Float64Array,
  { roundoff, smallest }: AnswerPrecision,
): Float64Array {
  const { name, lower, upper } = head;
  const o = lower.length;
  return answers.map((y, i) => {
    // exp(u − max u) sees a difference that is rounded like log p
    if (name === 'softmax') return roundoff * y * (1 + Math.abs(Math.log(Math.max(y, smallest)))) + smallest;
    if (name === 'log-softmax') return roundoff * (1 + Math.abs(y));
    // libraries evaluate both by rational functions with an error like that of numbers near 1
    if (name === 'sigmoid') return roundoff * Math.max(0.5, y);
    if (name === 'clip') return roundoff * Math.abs(y);
    return roundoff * Math.max(Math.abs(lower[i % o]), Math.abs(upper[i % o]));
  });
}

/** What rounding and noise of the answers leave of sums (count × o): variances, infinite where answers are saturated. */
export function errorsOfSums(
  head: Head,
  sums: Float64Array,
  precision: AnswerPrecision,
): { readonly rounding: Float64Array; readonly noise: Float64Array } {
  const o = precision.variances.length;
  const answers = applyHead(head, sums, o);
  const deviations = roundingOfAnswers(head, answers, precision);
  const slopes =
    head.name === 'softmax'
      ? answers
      : head.name === 'log-softmax'
        ? new Float64Array(answers.length).fill(1)
        : sums.map((u, i) => slopeOf(head, u, i % o));
  const rounding = deviations.map((e, i) => (e / slopes[i]) ** 2);
  const noise = slopes.map((slope, i) => precision.variances[i % o] / slope ** 2);
  if (!hasFreeShift(head)) return { rounding, noise };
  return { rounding: centredVariances(rounding, o), noise: centredVariances(noise, o) };
}

/** Variances of numbers less the mean of their row. */
function centredVariances(variances: Float64Array, o: number): Float64Array {
  const centred = new Float64Array(variances.length);
  for (let at = 0; at < variances.length; at += o) {
    let all = 0;
    for (let k = at; k < at + o; k++) all += variances[k] / o ** 2;
    for (let k = at; k < at + o; k++) centred[k] = (1 - 2 / o) * variances[k] + all;
  }
  return centred;
}
