import * as Plot from '@observablehq/plot';
import { decades, powerOfTen } from '../report/figures-students.js';
import { drawPlot, type Figure, ink } from '../report/plot.js';
import type { Outcome } from './run-audit.js';

/** What an outsider has who always answers the average: a relative error of 1. */
const nothing = 1;

/** Attacks by queries on views that were tried with several budgets, in the order of their budgets. */
function curvesOf(outcomes: readonly Outcome[]): { name: string; points: Outcome[] }[] {
  const asked = outcomes.filter(({ access, part }) => access !== 'pairs' && part !== 'defence');
  const ways = [...new Set(asked.map(({ name }) => name))];
  return ways
    .map((way) => asked.filter(({ name }) => name === way))
    .filter((points) => points.length > 1)
    .map((points) => ({
      name: points[0].name,
      points: points.toSorted((a, b) => a.budget - b.budget),
    }));
}

/** Lines and symbols of the curves, told apart without colour. */
const lineStyles = [
  { stroke: ink.main, dash: undefined, symbol: 'circle' },
  { stroke: ink.contrast, dash: '6 4', symbol: 'square' },
  { stroke: ink.text, dash: '2 3', symbol: 'triangle' },
  { stroke: ink.faint, dash: '10 3', symbol: 'diamond' },
] as const;

function drawCurve(
  outcomes: readonly Outcome[],
  figure: Omit<Figure, 'svg'>,
  value: (one: Outcome) => number,
  y: Plot.ScaleOptions,
): Figure | undefined {
  const curves = curvesOf(outcomes);
  if (curves.length === 0) return undefined;
  const all = curves.flatMap(({ points }) => points);
  const [low, high] = [
    Math.min(...all.map(({ budget }) => budget)),
    Math.max(...all.map(({ budget }) => budget)),
  ];
  const svg = drawPlot({
    title: figure.title,
    description: figure.description,
    height: 320,
    marginLeft: 72,
    marginRight: curves.some(({ name }) => name.length > 12) ? 272 : 96,
    x: {
      type: 'log',
      domain: [low / 1.3, high * 1.3],
      label: 'queries that were allowed',
      ticks: decades(low, high),
      tickFormat: powerOfTen,
    },
    y,
    marks: [
      Plot.gridY(y.ticks as number[], { stroke: 'var(--line)', strokeOpacity: 1 }),
      ...curves.flatMap(({ name, points }, i) => {
        const { stroke, dash, symbol } = lineStyles[i % lineStyles.length];
        const drawn = points.map((one) => ({ x: one.budget, y: value(one) }));
        return [
          Plot.line(drawn, {
            x: 'x',
            y: 'y',
            stroke,
            strokeWidth: 2,
            ...(dash && { strokeDasharray: dash }),
          }),
          Plot.dot(drawn, { x: 'x', y: 'y', symbol, r: 5, fill: stroke }),
          Plot.text(drawn.slice(-1), {
            ...{ x: 'x', y: 'y', text: [name], textAnchor: 'start', dx: 12, fill: stroke },
            dy: -14 + 22 * i,
          }),
        ];
      }),
    ],
  });
  return { ...figure, svg };
}

/** How far the outsider's answers are from the model's, against the queries that were allowed. */
export function drawErrorByQueries(outcomes: readonly Outcome[]): Figure | undefined {
  const errors = outcomes.map(errorOf);
  const [low, high] = [Math.min(...errors, 1), Math.max(...errors, 1)];
  return drawCurve(
    outcomes,
    {
      name: 'error-by-queries',
      title: 'Function error against queries',
      description:
        'Rms difference between the answers of the network that was recovered and those of the model, relative to their deviation, on inputs that nothing was fitted to. 1 is what always answering the average gives, and stands for attacks without a network.',
    },
    errorOf,
    {
      type: 'log',
      domain: [low / 3, high * 3],
      label: 'relative function error',
      ticks: decades(low / 3, high * 3),
      tickFormat: powerOfTen,
    } as Plot.ScaleOptions,
  );
}

/** An error of exactly 0 is drawn where rounding in float64 would be. */
const errorOf = ({ functionError }: Outcome) =>
  functionError === null || !Number.isFinite(functionError) ? nothing : Math.max(functionError, 1e-17);

/** What share of the neurons was recovered, against the queries that were allowed. */
export function drawNeuronsByQueries(outcomes: readonly Outcome[]): Figure | undefined {
  if (outcomes.every(({ neurons }) => neurons === null)) return undefined;
  return drawCurve(
    outcomes,
    {
      name: 'neurons-by-queries',
      title: 'Share of neurons against queries',
      description:
        'Share of the hidden neurons of the model that were recovered, with weights to within a tenth of their size, against the queries that were allowed.',
    },
    ({ neurons }) => (neurons === null || neurons.of === 0 ? 0 : neurons.recovered / neurons.of),
    { domain: [0, 1], label: 'share of neurons', ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] } as Plot.ScaleOptions,
  );
}

/** How far each view lets the attack come with the most queries. */
export function drawViews(outcomes: readonly Outcome[]): Figure | undefined {
  const shown = outcomes.filter(({ part }) => part !== 'curve');
  if (shown.length === 0) return undefined;
  const errors = shown.map((one) => ({
    name: one.name.replace(', within the bounds of the data', ', within bounds'),
    error: errorOf(one),
    verdict: one.verdict,
  }));
  const [low, high] = [
    Math.min(...errors.map(({ error }) => error), 1),
    Math.max(...errors.map(({ error }) => error), 1),
  ];
  const title = 'What is seen, and how far the attack came';
  const description =
    'Relative function error of the network that was recovered, for everything that an outsider may see: filled where the verdict is identified, ringed where it is imitated, a cross where the attack failed.';
  const dots = (verdict: string, options: Plot.DotOptions) =>
    Plot.dot(
      errors.filter((one) => one.verdict === verdict),
      { x: 'error', y: 'name', r: 6, ...options },
    );
  const svg = drawPlot({
    title,
    description,
    height: 72 + 30 * errors.length,
    marginLeft: Math.max(300, 8 * Math.max(...errors.map(({ name }) => name.length))),
    x: {
      type: 'log',
      domain: [low / 3, high * 3],
      label: 'relative function error',
      ticks: decades(low / 3, high * 3),
      tickFormat: powerOfTen,
    },
    y: { domain: errors.map(({ name }) => name), label: null },
    marks: [
      Plot.gridX(decades(low / 3, high * 3), { stroke: 'var(--line)', strokeOpacity: 1 }),
      dots('identified', { fill: ink.main }),
      dots('imitated', { stroke: ink.contrast, strokeWidth: 2 }),
      dots('failed', { symbol: 'times', stroke: ink.text, strokeWidth: 2 }),
    ],
  });
  return { name: 'views', title, description, svg };
}
