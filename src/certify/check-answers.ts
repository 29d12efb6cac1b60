import { letEventsIn, type Stop } from '../base/stop.js';
import { type Frame, type KnownNetwork, toInputs } from '../network/frame.js';
import { hashOf } from '../numeric/hash.js';
import type { Dataset } from '../records.js';
import { type Accuracy, allowanceOf, allowed, answerScales, scaledAnswers } from './allowance.js';

/** How a network does on every answer that its run ever got. */
export interface AnswersCheck {
  /** Different queries that were looked at, of all the answers that were given. */
  readonly checked: number;
  readonly given: number;
  /** Queries of which an answer is off by more than rounding, noise and the weights' errors may explain. */
  readonly contradicted: number;
  /** Largest error of a contradicted answer, in the target's units, and what is allowed there; 0 without any. */
  readonly largestError: number;
  readonly allowedError: number;
  /** Root mean square of the coordinates of the nearest contradicted query; infinite without any. */
  readonly nearest: number;
}

/** Contradicted queries that are kept, in the coordinates of the recovery and with unscaled answers. */
const mostKept = 2000;

/** Rows that are looked at between two pauses. */
const rowsAtOnce = 2000;

/**
 * Compares a network (in the target's coordinates, for scaled outputs) with every answer of a run: `answers` are in
 * the coordinates of the recovery, which `frame` takes to the target's, and unscaled. Repeated queries count once.
 * Returns also the contradicted pairs, those nearest to the origin first: far out they are the worst, and say least. Throws
 * the reason once the run has to end.
 */
export async function checkAnswers(
  known: KnownNetwork,
  answers: readonly Dataset[],
  given: number,
  {
    frame,
    accuracy,
    stop,
  }: { readonly frame: Frame | undefined; readonly accuracy: Accuracy; readonly stop?: Stop | undefined },
): Promise<{ check: AnswersCheck; contradictions: Dataset | undefined }> {
  const { network } = known;
  const seen = new Set<number>();
  const found: { inputs: Float64Array; outputs: Float64Array; size: number }[] = [];
  let contradicted = 0;
  let largest = { error: 0, allowed: 0, ratio: 1 };
  let nearest = Number.POSITIVE_INFINITY;
  for (const { inputs, outputs, count, inputDimension: d, outputDimension: o } of answers) {
    for (let from = 0; from < count; from += rowsAtOnce) {
      await (stop === undefined ? letEventsIn() : stop.pause());
      const rows = Math.min(rowsAtOnce, count - from);
      const own = inputs.subarray(from * d, (from + rows) * d);
      const theirs = outputs.subarray(from * o, (from + rows) * o);
      const points = toInputs(frame, own);
      const predictions = scaledAnswers(network, points, rows, accuracy);
      for (let n = 0; n < rows; n++) {
        const query = own.subarray(n * d, (n + 1) * d);
        const key = hashOf(query);
        if (seen.has(key)) continue;
        seen.add(key);
        const answer = theirs.subarray(n * o, (n + 1) * o);
        const prediction = predictions.subarray(n * o, (n + 1) * o);
        if (isPlainlyRight(prediction, answer, accuracy)) continue;
        const worst = worstOf(known, points.subarray(n * d, (n + 1) * d), prediction, answer, accuracy);
        if (worst.ratio <= 1) continue;
        contradicted++;
        if (worst.ratio > largest.ratio) largest = worst;
        const size = Math.sqrt(query.reduce((sum, u) => sum + u * u, 0) / d);
        nearest = Math.min(nearest, size);
        found.push({ inputs: query, outputs: answer, size });
        if (found.length > 2 * mostKept) keepNearest(found);
      }
    }
  }
  keepNearest(found);
  const check = {
    checked: seen.size,
    given,
    contradicted,
    largestError: largest.error,
    allowedError: largest.allowed,
    nearest,
  };
  return { check, contradictions: joinFound(found) };
}

/** Rounding of the answer itself already explains the error: most answers need no closer look. */
function isPlainlyRight(prediction: Float64Array, answer: Float64Array, accuracy: Accuracy): boolean {
  const scales = answerScales(accuracy);
  return answer.every((value, k) => {
    const scaled = value / scales[k];
    return Math.abs(prediction[k] - scaled) <= allowed.single.rounding * accuracy.roundoff * Math.abs(scaled);
  });
}

function worstOf(
  known: KnownNetwork,
  point: Float64Array,
  prediction: Float64Array,
  answer: Float64Array,
  accuracy: Accuracy,
) {
  const squares = allowanceOf(known, point, 1, accuracy);
  const scales = answerScales(accuracy);
  let worst = { error: 0, allowed: 0, ratio: 0 };
  answer.forEach((value, k) => {
    const scale = scales[k];
    const error = Math.abs(prediction[k] - value / scale);
    const limit = Math.sqrt(squares[k]);
    const ratio = error === 0 ? 0 : error / limit;
    // an answer that cannot be compared contradicts, whatever is allowed
    if (!(ratio <= worst.ratio)) worst = { error: error * scale, allowed: limit * scale, ratio };
  });
  return Number.isNaN(worst.ratio) ? { ...worst, ratio: Number.POSITIVE_INFINITY } : worst;
}

function keepNearest(found: { size: number }[]): void {
  found.sort((a, b) => a.size - b.size);
  found.length = Math.min(found.length, mostKept);
}

function joinFound(found: readonly { inputs: Float64Array; outputs: Float64Array }[]): Dataset | undefined {
  if (found.length === 0) return undefined;
  const d = found[0].inputs.length;
  const o = found[0].outputs.length;
  const inputs = new Float64Array(found.length * d);
  const outputs = new Float64Array(found.length * o);
  for (const [n, one] of found.entries()) {
    inputs.set(one.inputs, n * d);
    outputs.set(one.outputs, n * o);
  }
  return { inputs, outputs, count: found.length, inputDimension: d, outputDimension: o };
}
