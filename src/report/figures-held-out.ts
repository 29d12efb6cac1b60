import * as Plot from '@observablehq/plot';
import type { StoredHeldOut } from '../run/recovery-schema.js';
import { decades, powerOfTen } from './figures-students.js';
import { formatNumber } from './html.js';
import { drawPlot, type Figure, ink } from './plot.js';

const freshly = {
  queries: 'fresh questions that nothing was fitted to',
  pairs: 'pairs that nothing was fitted to',
} as const;

/** The relative error that was accepted; runs of before accepted 30 times what was expected. */
export const allowedError = ({ allowed, expected }: StoredHeldOut): number => allowed ?? 30 * expected;

/**
 * How large the errors on held-out queries are, from the smallest to the largest, beside what rounding explains and
 * what is accepted. Undefined where the errors were not kept.
 */
export function drawHeldOutErrors(
  heldOut: StoredHeldOut,
  noun: 'queries' | 'pairs',
  floorCause: string,
): Figure | undefined {
  const { count, errorQuantiles, floor, expected, maxError } = heldOut;
  if (errorQuantiles === undefined || !errorQuantiles.every(Number.isFinite)) return undefined;
  const accepted = allowedError(heldOut);
  const positive = [...errorQuantiles, floor, accepted].filter((value) => value > 0);
  const least = 10 ** Math.floor(Math.log10(Math.min(...positive, 1)) - 0.5);
  const highest = 30 * Math.max(...positive, 1);
  const points = Array.from(errorQuantiles, (error, share) => ({ share, error: Math.max(error, least) }));
  const exact = errorQuantiles.filter((error) => error === 0).length;
  const title = `Imitation error on held-out ${noun}`;
  const zeros =
    exact > 1
      ? ` About ${exact - 1} % of the answers agree to the last digit; they are drawn at the bottom.`
      : '';
  const description = `The network’s answers to ${formatNumber(count)} ${freshly[noun]}, from the smallest error to the largest (${formatNumber(maxError)}), relative to how far the target’s answers scatter about their average: half of the errors are below ${formatNumber(errorQuantiles[50])}. What ${floorCause} and the weights’ standard errors explain is ${formatNumber(expected)} on average; up to ${formatNumber(accepted)} is accepted.${zeros}`;
  const ticks = decades(least, highest);
  const rule = (y: number, text: string, stroke: string, dash: string) => [
    Plot.ruleY([y], { stroke, strokeWidth: 2, strokeDasharray: dash }),
    Plot.text([y], {
      y: (value: number) => value,
      x: 0,
      text: [text],
      textAnchor: 'start',
      dx: 6,
      dy: -10,
      fill: stroke,
      stroke: 'var(--paper)',
      strokeWidth: 4,
    }),
  ];
  const svg = drawPlot({
    title,
    description,
    height: 340,
    marginLeft: 72,
    x: { label: 'share of the answers (%)', domain: [0, 100] },
    y: {
      type: 'log',
      label: 'error, relative to the scatter of the answers',
      domain: [least, highest],
      ticks,
      tickFormat: powerOfTen,
    },
    marks: [
      Plot.gridY(ticks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.line(points, { x: 'share', y: 'error', stroke: ink.main, strokeWidth: 2.5 }),
      ...rule(1, 'always answering the average', ink.text, '2 4'),
      ...(accepted > 0 ? rule(accepted, 'most that is accepted on average', ink.contrast, '6 4') : []),
    ],
  });
  return { name: 'held-out-errors', title, description, svg };
}

/** The answers of the target beside those of the network; undefined where they were not kept. */
export function drawHeldOutAnswers(
  { examples }: StoredHeldOut,
  outputs: number,
  noun: 'queries' | 'pairs',
): Figure | undefined {
  if (examples === undefined || examples.answers.length === 0) return undefined;
  const { answers, predictions } = examples;
  const unit = outputs === 1 ? [{ mean: 0, deviation: 1 }] : unitsOf(answers, outputs);
  const points = Array.from(answers, (answer, i) => {
    const { mean, deviation } = unit[i % outputs];
    return { answer: (answer - mean) / deviation, prediction: (predictions[i] - mean) / deviation };
  }).filter(({ answer, prediction }) => Number.isFinite(answer) && Number.isFinite(prediction));
  if (points.length === 0) return undefined;
  const all = points.flatMap(({ answer, prediction }) => [answer, prediction]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const margin = (high - low) * 0.05 || 1;
  const domain = [low - margin, high + margin];
  const title = `Answers to held-out ${noun}`;
  const standard =
    outputs === 1
      ? ''
      : ` The ${outputs} outputs are drawn together, each shifted by its mean and divided by its standard deviation.`;
  const description = `What the target answered to ${points.length / outputs} ${freshly[noun]}, and what the network that was found answers. On the line both are the same.${standard}`;
  const svg = drawPlot({
    title,
    description,
    height: 420,
    marginLeft: 72,
    x: { label: 'answer of the target', domain },
    y: { label: 'answer of the network that was found', domain, grid: false },
    marks: [
      Plot.line(
        [
          [domain[0], domain[0]],
          [domain[1], domain[1]],
        ],
        { stroke: ink.faint, strokeWidth: 1.5 },
      ),
      Plot.dot(points, { x: 'answer', y: 'prediction', r: 3, fill: ink.main, fillOpacity: 0.6 }),
    ],
  });
  return { name: 'held-out-answers', title, description, svg };
}

/** Mean and standard deviation of every output; a deviation of 1 where it does not vary. */
function unitsOf(values: Float64Array, outputs: number): { mean: number; deviation: number }[] {
  const rows = values.length / outputs;
  return Array.from({ length: outputs }, (_, k) => {
    const own = Array.from({ length: rows }, (__, n) => values[n * outputs + k]);
    const mean = own.reduce((sum, value) => sum + value, 0) / rows;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows) || 1;
    return { mean, deviation };
  });
}
