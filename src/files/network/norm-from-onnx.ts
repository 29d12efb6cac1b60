import { applyNorm, type LayerNorm } from '../../network/layer-norm.js';
import type { Program } from '../onnx/program.js';
import { runSegment, type Segment } from './head-from-onnx.js';
import type { Affine } from './network-from-graph.js';

/** Patterns of numbers that are normalised, and the sizes at which they are: far above any epsilon, and near it. */
const patterns = [0.3, -1.2, 2.1, -0.7, 0.9, 1.7, -2.3, 0.1, -0.4, 1.3, -1.9];
const sizes = { large: 1e5, small: 1e-2, checked: [0.05, 1, 7] };
const rows = 6;

/** Largest relative difference from the normalisation: constants are rounded to the file's number type. */
const tolerance = { float32: 1e-5, float64: 1e-9 };

/** A layer normalisation at the beginning of a segment, and the segment behind it. */
export interface NormMatch {
  readonly norm: LayerNorm;
  readonly rest: Segment;
}

/**
 * The layer normalisation, in whatever operators it is written, that a segment begins with, told by its values: the
 * longest that leaves something behind it. Undefined where there is none.
 */
export function matchNorm(program: Program, segment: Segment): NormMatch | undefined {
  const { start, steps } = segment;
  for (let count = steps.length - 1; count > 0; count--) {
    const end = steps[count - 1].target;
    const behind = steps.slice(count);
    const given = new Set([end, ...behind.map(({ target }) => target)]);
    const isOnly = behind.every(({ sources }) => sources.every((source) => given.has(source)));
    if (!isOnly || program.widths[end] !== program.widths[start]) continue;
    const norm = normOf(program, { start, end, steps: steps.slice(0, count) });
    if (norm !== undefined) return { norm, rest: { start: end, end: segment.end, steps: behind } };
  }
  return undefined;
}

/** A normalisation that a segment begins with, behind `leading` affine steps, which belong to the layer before it. */
export function matchLeadingNorm(
  program: Program,
  segment: Segment,
  leading: readonly Affine[],
): (NormMatch & { readonly leading: Affine[] }) | undefined {
  const { steps } = segment;
  if (steps.every(({ kind }) => kind !== 'rowwise')) return undefined;
  for (let first = 0; first <= leading.length; first++) {
    const start = first === 0 ? segment.start : steps[first - 1].target;
    const found = matchNorm(program, { ...segment, start, steps: steps.slice(first) });
    if (found !== undefined) return { ...found, leading: leading.slice(0, first) };
  }
  return undefined;
}

/** A normalisation behind which an affine map follows, as one. */
export const rescaleNorm = ({ gains, shifts, epsilon }: LayerNorm, { scale, shift }: Affine): LayerNorm => ({
  gains: gains.map((gain, j) => scale[j] * gain),
  shifts: shifts.map((own, j) => scale[j] * own + shift[j]),
  epsilon,
});

/** What a segment normalises with; undefined where it does something else. */
function normOf(program: Program, segment: Segment): LayerNorm | undefined {
  const width = program.widths[segment.start];
  if (width < 2) return undefined;
  const at = (size: number, turn = 0) =>
    Float64Array.from({ length: rows * width }, (_, i) => {
      const [n, j] = [Math.floor(i / width), i % width];
      return size * patterns[(3 * n + j + turn * j * j) % patterns.length] + (size * n) / 10;
    });
  const run = (inputs: Float64Array) => runSegment(program, segment, inputs);
  const plain: LayerNorm = {
    gains: new Float64Array(width).fill(1),
    shifts: new Float64Array(width),
    epsilon: 0,
  };
  const large = run(at(sizes.large));
  const normal = normalised(plain, at(sizes.large));
  const lines = Array.from({ length: width }, (_, j) => lineThrough(normal, large, j, width));
  const gains = Float64Array.from(lines, ([gain]) => gain);
  const shifts = Float64Array.from(lines, ([, shift]) => shift);
  const epsilon = epsilonOf(at(sizes.small), run(at(sizes.small)), gains, shifts);
  const norm = { gains, shifts, epsilon };
  const near = tolerance[program.elementType];
  const largest = Math.max(...gains.map(Math.abs), ...shifts.map(Math.abs), Number.MIN_VALUE);
  const isRight = sizes.checked.every((size, turn) => {
    const inputs = at(size, turn);
    const expected = normalised(norm, inputs);
    return run(inputs).every((y, i) => Math.abs(y - expected[i]) <= near * largest);
  });
  return isRight ? norm : undefined;
}

function normalised(norm: LayerNorm, inputs: Float64Array): Float64Array {
  const result = inputs.slice();
  const width = norm.gains.length;
  for (let n = 0; n < inputs.length; n += width) applyNorm(norm, result.subarray(n, n + width));
  return result;
}

/** Gain and shift of column j: the line through what it is before them and behind. */
function lineThrough(before: Float64Array, behind: Float64Array, j: number, width: number) {
  const places = Array.from({ length: rows }, (_, n) => n * width + j);
  const mean = (of: Float64Array) => places.reduce((sum, i) => sum + of[i] / rows, 0);
  const [x, y] = [mean(before), mean(behind)];
  const square = places.reduce((sum, i) => sum + (before[i] - x) ** 2, 0);
  const gain = places.reduce((sum, i) => sum + (before[i] - x) * (behind[i] - y), 0) / square;
  return [gain, y - gain * x] as const;
}

/** What is added to the variance, from rows so small that it shows; the median over their entries. */
function epsilonOf(
  inputs: Float64Array,
  outputs: Float64Array,
  gains: Float64Array,
  shifts: Float64Array,
): number {
  const width = gains.length;
  const found: number[] = [];
  for (let n = 0; n < inputs.length; n += width) {
    const row = inputs.subarray(n, n + width);
    const mean = row.reduce((sum, z) => sum + z / width, 0);
    const variance = row.reduce((sum, z) => sum + (z - mean) ** 2 / width, 0);
    row.forEach((z, j) => {
      const normal = (outputs[n + j] - shifts[j]) / gains[j];
      const epsilon = ((z - mean) / normal) ** 2 - variance;
      if (Number.isFinite(epsilon) && Math.abs(z - mean) > Math.sqrt(variance) / 3) found.push(epsilon);
    });
  }
  found.sort((a, b) => a - b);
  return Math.max(0, found[found.length >> 1] ?? 0);
}
