import { applyHead, type Head, plainHead } from '../../network/head.js';
import type { Layer } from '../../records.js';
import type { Program } from '../onnx/program.js';
import { runSegment, type Segment } from './head-from-onnx.js';

/** y = M·x + c, from so many columns to more or fewer: `matrix` is outputs × inputs. */
export interface AffineMap {
  readonly matrix: Float64Array;
  readonly shift: Float64Array;
}

/** Sums that a head and the map before it are compared at. */
const sums = [-7.2, -3.1, -1.4, -0.62, -0.21, 0.03, 0.27, 0.71, 1.1, 1.9, 2.8, 4.3, 6.1];

/** Largest difference from the head: constants are rounded to the file's number type. */
const tolerance = { float32: 1e-6, float64: 1e-9 };

/** The sums behind answers (rows × o), up to what the head does not show; NaN where there are none. */
const sumsBehind: readonly { head: Head; of(answers: Float64Array, o: number): Float64Array }[] = [
  {
    head: plainHead('softmax'),
    of: (answers, o) => answers.map((y, i) => Math.log(y / answers[i - (i % o)])),
  },
  { head: plainHead('sigmoid'), of: (answers) => answers.map((y) => Math.log(y / (1 - y))) },
];

/**
 * The head that a segment computes of sums that are affine in its first register, in another number of columns: as a
 * sigmoid p from which 1 − p and p are made, which is the softmax of 0 and its sum. Told by its values; undefined where
 * there is none.
 */
export function matchHeadBehindMap(
  program: Program,
  segment: Segment,
): { readonly head: Head; readonly map: AffineMap } | undefined {
  const [w, o] = [program.widths[segment.start], program.widths[segment.end]];
  if (o < 2) return undefined;
  // 0, then every direction, then rows of sums that differ
  const count = 1 + w + sums.length;
  const rows = Float64Array.from({ length: count * w }, (_, i) => {
    const [n, k] = [Math.floor(i / w), i % w];
    if (n <= w) return n === k + 1 ? 1 : 0;
    return sums[(n + 3 * k + Math.floor(k / sums.length)) % sums.length];
  });
  const answers = runSegment(program, segment, rows);
  for (const { head, of } of sumsBehind) {
    const behind = of(answers, o);
    const shift = behind.slice(0, o);
    const matrix = Float64Array.from({ length: o * w }, (_, i) => {
      const [k, column] = [Math.floor(i / w), i % w];
      return behind[(column + 1) * o + k] - shift[k];
    });
    const expected = applyHead(head, applyMap({ matrix, shift }, rows, w), o);
    const near = tolerance[program.elementType];
    if (answers.every((y, i) => Math.abs(y - expected[i]) <= near)) return { head, map: { matrix, shift } };
  }
  return undefined;
}

function applyMap({ matrix, shift }: AffineMap, rows: Float64Array, w: number): Float64Array {
  const o = shift.length;
  return Float64Array.from({ length: (rows.length / w) * o }, (_, i) => {
    const [n, k] = [Math.floor(i / o), i % o];
    let sum = shift[k];
    for (let column = 0; column < w; column++) sum += matrix[k * w + column] * rows[n * w + column];
    return sum;
  });
}

/** A layer with a map behind it, as one layer. */
export function foldMap({ inputs, outputs, weights, biases }: Layer, map: AffineMap): Layer {
  const columns = Float64Array.from({ length: (inputs + 1) * outputs }, (_, i) =>
    i < inputs * outputs ? weights[(i % outputs) * inputs + Math.floor(i / outputs)] : biases[i % outputs],
  );
  const o = map.shift.length;
  const plain = { matrix: map.matrix, shift: new Float64Array(o) };
  const mapped = applyMap(plain, columns, outputs); // (inputs + 1) × o
  return {
    ...{ inputs, outputs: o },
    weights: Float64Array.from(
      { length: o * inputs },
      (_, i) => mapped[(i % inputs) * o + Math.floor(i / inputs)],
    ),
    biases: map.shift.map((c, k) => c + mapped[inputs * o + k]),
  };
}
