import * as Plot from '@observablehq/plot';
import { decades, powerOfTen } from './figures-students.js';
import { formatNumber } from './html.js';
import type { LayerView } from './layer-view.js';
import { drawPlot, type Figure, ink } from './plot.js';

/** Most clusters that are drawn, the largest first. */
const mostClusters = 180;

/**
 * Every cluster by its size, and by how far its members are from each other: below the cut where the students
 * agree. Undefined where there is no cluster.
 */
export function drawClusters({ clustering, number }: LayerView): Figure | undefined {
  const { clusters, metric, chosen } = clustering;
  const isAngle = metric.includes('angle');
  const sorted = clusters
    .map((cluster) => ({ ...cluster, size: cluster.members.length }))
    .sort((a, b) => Number(b.kept) - Number(a.kept) || b.size - a.size)
    .slice(0, mostClusters)
    .map((cluster, index) => ({ ...cluster, at: index + 1 }));
  if (sorted.length === 0) return undefined;
  const joined = sorted.filter(({ size, medianDistance }) => size > 1 && medianDistance > 0);
  const distances = [
    ...joined.map((cluster) => cluster.medianDistance),
    ...(chosen.height > 0 ? [chosen.height] : []),
  ];
  const [low, high] = [Math.min(...distances) / 3, Math.max(...distances) * 3];
  const title = `Clusters of hidden layer ${number}`;
  const part =
    sorted.length === clusters.length
      ? `All ${clusters.length}`
      : `${sorted.length} of ${formatNumber(clusters.length)}`;
  const description = `${part} clusters, those that were kept first (blue): above, the median ${isAngle ? 'angle' : 'distance'} between their neurons, with the cut β = ${formatNumber(chosen.height)}${isAngle ? ' radians' : ''}; below, how many neurons of the ${chosen.students} students they have.`;
  const colour = ({ kept }: { kept: boolean }) => (kept ? ink.main : ink.faint);
  const x = { domain: [0.5, sorted.length + 0.5], label: null, ticks: [] as number[] };
  const upper =
    distances.length === 0 || joined.length === 0
      ? undefined
      : drawPlot({
          title,
          description,
          height: 220,
          marginLeft: 72,
          marginBottom: 8,
          x: { ...x, axis: null },
          y: {
            type: 'log',
            domain: [low, high],
            label: `median ${isAngle ? 'angle (radians)' : 'distance'}`,
            ticks: decades(low, high),
            tickFormat: powerOfTen,
          },
          marks: [
            Plot.gridY(decades(low, high), { stroke: 'var(--line)', strokeOpacity: 1 }),
            Plot.ruleY(chosen.height > 0 ? [chosen.height] : [], {
              stroke: ink.contrast,
              strokeWidth: 2,
              strokeDasharray: '6 4',
            }),
            Plot.dot(joined, { x: 'at', y: 'medianDistance', r: sorted.length > 60 ? 2.5 : 5, fill: colour }),
          ],
        });
  const most = Math.max(...sorted.map(({ size }) => size));
  const lower = drawPlot({
    title: `${title}: sizes`,
    description,
    height: 170,
    marginLeft: 72,
    marginBottom: 40,
    x: { ...x, axis: null },
    y: { domain: [0, most], label: 'neurons', ticks: Math.min(most, 5), tickFormat: 'd' },
    marks: [
      Plot.rectY(sorted, {
        x1: ({ at }: { at: number }) => at - 0.4,
        x2: ({ at }: { at: number }) => at + 0.4,
        y: 'size',
        fill: colour,
      }),
      Plot.ruleY([0], { stroke: ink.text }),
      Plot.text(['the clusters, kept ones first'], { frameAnchor: 'bottom', dy: 26, fill: ink.text }),
    ],
  });
  return {
    name: `layer-${number}-clusters`,
    title,
    description,
    svg: upper === undefined ? lower : stack(upper, lower),
  };
}

/** Two drawings of the same width as one, the second below the first. */
function stack(upper: string, lower: string): string {
  const heightOf = (svg: string) => Number(/ height="([\d.]+)"/.exec(svg)![1]);
  const [above, below] = [heightOf(upper), heightOf(lower)];
  const label = / aria-label="[^"]*"/.exec(upper)?.[0] ?? '';
  const words = / aria-description="[^"]*"/.exec(upper)?.[0] ?? '';
  const width = / width="([\d.]+)"/.exec(upper)![1];
  const inner = (svg: string, y: number) =>
    svg.replace(/^<svg /, `<svg y="${y}" `).replace(/ role="img"| aria-(?:label|description)="[^"]*"/g, '');
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img"${label}${words} width="${width}" height="${above + below}" viewBox="0 0 ${width} ${above + below}">${inner(upper, 0)}${inner(lower, above)}</svg>`;
}
