import * as Plot from '@observablehq/plot';
import type { StoredStudent } from '../run/recovery-schema.js';
import { formatNumber } from './html.js';
import { drawPlot, type Figure, ink } from './plot.js';

/** Most curves that are drawn, and points of one: more cannot be told apart and make the page slow. */
const mostCurves = 200;
const mostPoints = 160;

/** What a loss of 0 is drawn as. */
const leastLoss = 1e-35;

/** The loss curves of all students with the floor, the loss that rounding leaves, in scaled outputs. */
export function drawLossCurves(students: readonly StoredStudent[], floor: number | undefined): Figure {
  const chosen = chooseStudents(students);
  const points = chosen.flatMap((student) =>
    thin(student.lossCurve).map(({ at, value }) => ({
      student: student.index,
      iteration: at,
      loss: Math.max(value, leastLoss),
      atFloor: student.atFloor,
      isDeep: student.shape.widths !== undefined,
    })),
  );
  const atFloor = students.filter((student) => student.atFloor).length;
  const title = 'Loss curves of the students';
  const isDeep = chosen.some(({ shape }) => shape.widths !== undefined);
  const later =
    isDeep || chosen.some(({ peeled = 0 }) => peeled > 0)
      ? ', or about 1e-14 where they have several hidden layers or learn what is behind layers that are known already: the last descent of all layers together does the rest'
      : '';
  const description = [
    `${chosen.length} of ${students.length} students are drawn, ${atFloor} reached the floor.`,
    `Training ends as soon as only the target’s own neurons can explain the loss, about 1e-24 for answers in float64${later}.`,
    isDeep ? 'Students with several hidden layers are dashed.' : '',
    floor === undefined ? '' : `The line is what rounding or noise alone leaves, ${formatNumber(floor)}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
  const lines = (reached: boolean, stroke: string, strokeOpacity: number) =>
    [false, true].map((deep) =>
      Plot.line(
        points.filter((point) => point.atFloor === reached && point.isDeep === deep),
        {
          ...{ x: 'iteration', y: 'loss', z: 'student', stroke, strokeOpacity, strokeWidth: 1.5 },
          ...(deep && { strokeDasharray: '5 3' }),
        },
      ),
    );
  const losses = points.map(({ loss }) => loss);
  const [lowest, highest] = [Math.min(1, ...losses), Math.max(1, ...losses)];
  const ticks = decades(Math.min(lowest, floor && floor > 0 ? floor : lowest), highest);
  const furthest = Math.max(1, ...points.map(({ iteration }) => iteration));
  const svg = drawPlot({
    title,
    description,
    height: 360,
    marginLeft: 72,
    x: { label: 'iteration', domain: [0, furthest] },
    y: {
      type: 'log',
      label: 'mean squared error (outputs scaled to a variance near 1)',
      tickFormat: powerOfTen,
      ticks,
    },
    marks: [
      Plot.gridY(ticks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      ...lines(false, ink.faint, 0.8),
      ...lines(true, ink.main, 0.9),
      ...(floor !== undefined && floor > 0
        ? [
            Plot.ruleY([floor], { stroke: ink.contrast, strokeWidth: 2, strokeDasharray: '6 4' }),
            Plot.text([floor], {
              y: (y: number) => y,
              x: furthest,
              text: ['floor'],
              textAnchor: 'end',
              dy: -10,
              fill: ink.contrast,
            }),
          ]
        : []),
    ],
  });
  return { name: 'loss-curves', title, description, svg };
}

/** Those at the floor and the best of the others, in their order. */
function chooseStudents(students: readonly StoredStudent[]): StoredStudent[] {
  const ranked = students
    .filter(({ lossCurve }) => lossCurve.some(Number.isFinite))
    .toSorted((a, b) => Number(b.atFloor) - Number(a.atFloor) || a.loss - b.loss);
  return ranked.slice(0, mostCurves).sort((a, b) => a.index - b.index);
}

/** At most `mostPoints` entries of a curve, the first and the last among them. */
function thin(curve: Float64Array): { at: number; value: number }[] {
  const step = Math.max(1, (curve.length - 1) / (mostPoints - 1));
  const places = new Set<number>();
  for (let at = 0; at < curve.length; at += step) places.add(Math.round(at));
  if (curve.length > 0) places.add(curve.length - 1);
  return [...places]
    .filter((at) => at < curve.length && Number.isFinite(curve[at]))
    .sort((a, b) => a - b)
    .map((at) => ({ at, value: curve[at] }));
}

/** At most seven powers of ten within a range, evenly spaced: the ticks of a logarithmic axis. */
export function decades(low: number, high: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((to - from + 1) / 7));
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) =>
    Number(`1e${first + i * step}`),
  );
}

/** A tick of a logarithmic axis: 10 with its power as superscript. */
export function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const text = String(Math.abs(power)).replaceAll(/\d/g, (digit) => digits[Number(digit)]);
  return `10${power < 0 ? '⁻' : ''}${text}`;
}
