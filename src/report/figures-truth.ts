import * as Plot from '@observablehq/plot';
import type { Network } from '../records.js';
import { decades, powerOfTen } from './figures-students.js';
import { drawPlot, type Figure, ink } from './plot.js';
import type { TruthPart } from './report-data.js';

/** Most neurons that are drawn. */
const mostPoints = 2000;

/** The error of every matched neuron; undefined where none is matched. */
export function drawTruth(
  { comparison, network: truth }: TruthPart,
  found: Network | null,
): Figure | undefined {
  const least = 1e-17;
  const points = comparison.neurons.flatMap((neurons, layer) =>
    neurons.flatMap(({ truth: neuron, error }) =>
      neuron === null || error === null
        ? []
        : [{ layer: layer + 1, neuron: neuron + 1, error: Math.max(error, least) }],
    ),
  );
  if (points.length === 0 || found === null) return undefined;
  const shown = points.slice(0, mostPoints).map((point, index) => ({ ...point, at: index + 1 }));
  const firsts = shown.filter(({ layer }, i) => i === 0 || shown[i - 1].layer !== layer);
  const title = 'Weight errors of the neurons that match';
  const description = `Relative error of the weights of ${shown.length === points.length ? `all ${points.length}` : `${shown.length} of ${points.length}`} matched neurons, of ${truth.layers.slice(0, -1).reduce((sum, { outputs }) => sum + outputs, 0)} in the truth. The line is what a float64 number can hold.`;
  const highest = Math.max(1e-14, 3 * Math.max(...shown.map(({ error }) => error)));
  const ticks = decades(least, highest);
  const svg = drawPlot({
    title,
    description,
    height: 300,
    marginLeft: 72,
    ...(firsts.length > 1 && { marginTop: 52 }),
    x: {
      label: firsts.length > 1 ? 'neuron of the truth, layer after layer' : 'neuron of the truth',
      domain: [0.5, shown.length + 0.5],
      ticks: Math.min(10, shown.length),
      tickFormat: 'd',
    },
    y: {
      type: 'log',
      label: 'relative error',
      domain: [least, highest],
      ticks,
      tickFormat: powerOfTen,
    },
    marks: [
      Plot.gridY(ticks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      ...(firsts.length > 1
        ? [
            Plot.ruleX(
              firsts.slice(1).map(({ at }) => at - 0.5),
              { stroke: ink.faint },
            ),
            Plot.text(firsts, {
              x: ({ at }: { at: number }) => at - 0.5,
              frameAnchor: 'top',
              textAnchor: 'start',
              text: ({ layer }: { layer: number }) => `layer ${layer}`,
              dx: 6,
              dy: -18,
              fill: ink.text,
            }),
          ]
        : []),
      Plot.ruleY([2 ** -53], { stroke: ink.contrast, strokeWidth: 2, strokeDasharray: '6 4' }),
      Plot.dot(shown, { x: 'at', y: 'error', r: 4, fill: ink.main }),
    ],
  });
  return { name: 'truth', title, description, svg };
}
