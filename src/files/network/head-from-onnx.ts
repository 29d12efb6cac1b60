import { applyHead, type Head, plainHead } from '../../network/head.js';
import { type ElementwiseStep, type Program, type RowwiseStep, runStep } from '../onnx/program.js';

/**
 * The steps between two affine layers or after the last, in order, and the registers where they begin and end; steps
 * that see a whole row are among them after the last layer alone.
 */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly steps: readonly (ElementwiseStep | RowwiseStep)[];
}

/** What a segment makes of rows of its first register. */
export function runSegment(
  { widths }: Pick<Program, 'widths'>,
  { start, end, steps }: Segment,
  rows: Float64Array,
): Float64Array {
  const count = rows.length / widths[start];
  const registers: Float64Array[] = [];
  registers[start] = rows;
  for (const step of steps) {
    registers[step.target] = new Float64Array(count * widths[step.target]);
    runStep(step, registers, count);
  }
  return registers[end];
}

/** Sums that a head is compared at: every output sees all of them, in rows that differ. */
const sums = [-7.2, -3.1, -1.4, -0.62, -0.21, 0, 0.03, 0.27, 0.71, 1.1, 1.9, 2.8, 4.3, 6.1];

/** Where a head that has limits is at them, and where a clip with none on one side shows that. */
const limit = { tanh: 40, clip: 1e6 };

/** Largest relative difference from the head: constants are rounded to the file's number type. */
const tolerance = { float32: 1e-6, float64: 1e-9 };

/** The head that a segment computes, told by its values; undefined where it is none of them. */
export function matchHead(program: Program, segment: Segment): Head | undefined {
  const o = program.widths[segment.start];
  if (program.widths[segment.end] !== o) return undefined;
  const rows = Float64Array.from({ length: sums.length * o }, (_, i) => {
    const [n, k] = [Math.floor(i / o), i % o];
    return sums[(n + 3 * k + Math.floor(k / sums.length)) % sums.length];
  });
  const found = runSegment(program, segment, rows);
  const far = (size: number) => runSegment(program, segment, new Float64Array(o).fill(size));
  const open = (values: Float64Array, size: number, infinite: number) =>
    values.map((y) => (y === size ? infinite : y));
  const candidates: Head[] = [
    ...(o > 1 ? [plainHead('softmax'), plainHead('log-softmax')] : []),
    plainHead('sigmoid'),
    { name: 'tanh', lower: far(-limit.tanh), upper: far(limit.tanh) },
    {
      name: 'clip',
      lower: open(far(-limit.clip), -limit.clip, Number.NEGATIVE_INFINITY),
      upper: open(far(limit.clip), limit.clip, Number.POSITIVE_INFINITY),
    },
  ];
  const near = Math.max(tolerance[program.elementType], 0.51 * stepOf(found));
  return candidates.find((head) =>
    applyHead(head, rows, o).every((y, i) => Math.abs(y - found[i]) <= near * Math.max(1, Math.abs(y))),
  );
}

/** Answers with so many decimals or fewer are those of a file that rounds them. */
const fewDecimals = { least: 2, most: 5 };

/** The step of decimals that all answers are rounded to; 0 where they have more. */
function stepOf(answers: Float64Array): number {
  for (let k = fewDecimals.least; k <= fewDecimals.most; k++) {
    const steps = answers.map((y) => y * 10 ** k);
    if (steps.every((value) => Math.abs(value - Math.round(value)) < 1e-9 * 10 ** k)) return 10 ** -k;
  }
  return 0;
}
