import * as Plot from '@observablehq/plot';
import { scaleSequentialLog } from 'd3-scale';
import { interpolateCividis } from 'd3-scale-chromatic';
import { decades, powerOfTen } from './figures-students.js';
import { formatNumber } from './html.js';
import type { LayerView } from './layer-view.js';
import { drawPlot, type Figure, figureWidth, ink, picture, pixels } from './plot.js';
import { toDataUri } from './png.js';
import type { TreeNode } from './tree-layout.js';

const isAngle = ({ clustering }: LayerView) => clustering.metric.includes('angle');

/** The tree of average linkage with the height at which it was cut. */
export function drawDendrogram(view: LayerView): Figure {
  const { clustering, tree, leaves, clusterOf, number } = view;
  const { height: cut, students } = clustering.chosen;
  const heights = clustering.linkage.filter((_, i) => i % 4 === 2 && clustering.linkage[i] > 0);
  const highest = Math.max(cut, ...topOf(heights)) * 1.5 || 1;
  // two vectors that are equal merge at height 0, which a logarithmic axis does not have
  const least = Math.max(Math.min(cut > 0 ? cut : highest, ...bottomOf(heights)) / 10, highest * 1e-18);
  const points: { x: number; y: number; merge: number; kind: string }[] = [];
  const y = (node: TreeNode) => Math.max(node.height, least);
  const kindOf = (node: TreeNode): string => {
    if (node.height > cut) return 'above';
    return clustering.clusters[clusterOf[node.leaf]]?.kept ? 'kept' : 'dropped';
  };
  const open = [tree.root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.children === undefined) continue;
    const [a, b] = node.children;
    const kind = kindOf(node);
    const merge = node.id;
    for (const [x, height] of [
      [a.x, y(a)],
      [a.x, y(node)],
      [b.x, y(node)],
      [b.x, y(b)],
    ] as const) {
      points.push({ x, y: height, merge, kind });
    }
    open.push(a, b);
  }
  const kept = clustering.clusters.filter((cluster) => cluster.kept).length;
  const title = `Dendrogram of hidden layer ${number}`;
  const drawnAll = tree.columns === leaves ? '' : ` Only the highest ${tree.columns - 1} merges are drawn.`;
  const description = `${formatNumber(leaves)} neurons of ${students} student${students === 1 ? '' : 's'}, joined by average linkage; cut at ${formatNumber(cut)}, ${kept} clusters are kept and ${clustering.clusters.length - kept} dropped.${drawnAll}`;
  const line = (kind: string, stroke: string) =>
    Plot.line(
      points.filter((point) => point.kind === kind),
      { x: 'x', y: 'y', z: 'merge', stroke, strokeWidth: 1.5 },
    );
  const svg = drawPlot({
    title,
    description,
    height: 380,
    marginLeft: 72,
    marginBottom: 40,
    x: { domain: [0, tree.columns], axis: null },
    y: {
      type: 'log',
      domain: [least, highest],
      label: isAngle(view) ? 'angle at which they join (radians)' : 'distance at which they join',
      tickFormat: powerOfTen,
      ticks: decades(least, highest),
    },
    marks: [
      line('dropped', ink.faint),
      line('kept', ink.main),
      line('above', ink.text),
      ...(cut > 0
        ? [
            Plot.ruleY([cut], { stroke: ink.contrast, strokeWidth: 2, strokeDasharray: '6 4' }),
            Plot.text([cut], {
              x: tree.columns,
              y: (value: number) => value,
              text: [`cut at ${formatNumber(cut)}`],
              textAnchor: 'end',
              dy: -10,
              fill: ink.contrast,
              stroke: 'var(--paper)',
              strokeWidth: 4,
            }),
          ]
        : []),
      Plot.text(['the students’ neurons, in the order of the tree'], {
        frameAnchor: 'bottom',
        dy: 26,
        fill: ink.text,
      }),
    ],
  });
  return { name: `layer-${number}-dendrogram`, title, description, svg };
}

/** Distances of the neurons in the order of the tree, the kept clusters framed. */
export function drawDistances(view: LayerView): Figure | undefined {
  const { distances, clustering, number, tree, clusterOf, leaves } = view;
  if (distances === undefined || distances.count < 2) return undefined;
  const { count, values, fromTree } = distances;
  const positive = values.filter((value) => value > 0);
  const far = Math.max(...topOf(positive), Number.MIN_VALUE);
  const cut = clustering.chosen.height;
  const near = Math.min(Math.max(Math.min(far / 10, ...bottomOf(positive)), far * 1e-8), far / 10);
  const colour = scaleSequentialLog<string>(interpolateCividis).domain([near, far]).clamp(true);
  const rgb = new Uint8Array(3 * count * count);
  const known = new Map<number, readonly number[]>();
  for (let i = 0; i < count * count; i++) {
    // 64 steps of colour: more cannot be seen, and parsing every colour would take seconds
    const step = Math.round((64 * Math.log(Math.max(values[i], near) / near)) / Math.log(far / near));
    let bytes = known.get(step);
    if (bytes === undefined) {
      bytes = colour(near * (far / near) ** (step / 64))
        .match(/\d+/g)!
        .map(Number);
      known.set(step, bytes);
    }
    rgb.set(bytes, 3 * i);
  }
  const side = 480;
  const [left, top] = [88, 32];
  const bar = new Uint8Array(3 * 64);
  for (let i = 0; i < 64; i++) {
    bar.set(
      colour(far * (near / far) ** (i / 63))
        .match(/\d+/g)!
        .map(Number),
      3 * i,
    );
  }
  const frames = clusterFrames(tree.order, clusterOf)
    .filter(({ cluster }) => clustering.clusters[cluster]?.kept)
    .map(({ from, to }) => ({
      x1: left + (side * from) / leaves,
      x2: left + (side * to) / leaves,
      y1: top + (side * from) / leaves,
      y2: top + (side * to) / leaves,
    }));
  const barLeft = left + side + 32;
  const label = isAngle(view) ? 'radians' : 'distance';
  const ticks = [far, Math.sqrt(near * far), near];
  const title = `Distances of hidden layer ${number}`;
  const description = `${fromTree ? 'Heights at which the tree joins' : 'Distances between'} ${count === leaves ? 'all' : `${count} of`} ${formatNumber(leaves)} neurons, in the order of the tree; each frame is a cluster that was kept.${cut > 0 ? ` The cut is at ${formatNumber(cut)}.` : ''}`;
  const svg = drawPlot({
    title,
    description,
    height: side + top + 16,
    ...pixels,
    marks: [
      picture(toDataUri({ width: count, height: count, rgb }), left, top, side, side),
      Plot.rect(frames, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        stroke: ink.contrast,
        strokeWidth: frames.length > 150 ? 0.5 : 2,
        fill: 'none',
      }),
      picture(toDataUri({ width: 1, height: 64, rgb: bar }), barLeft, top + 28, 20, side - 56),
      Plot.text([label], {
        x: barLeft,
        y: top + 8,
        text: (text: string) => text,
        textAnchor: 'start',
        fill: ink.text,
      }),
      Plot.text(ticks, {
        x: barLeft + 28,
        y: (_: number, i: number) => top + 36 + ((side - 72) * i) / 2,
        text: (value: number) => formatNumber(value),
        textAnchor: 'start',
        fill: ink.text,
      }),
    ],
    width: figureWidth,
  });
  return { name: `layer-${number}-distances`, title, description, svg };
}

/** The stretches of leaves, in the order of the tree, that belong to one cluster. */
function clusterFrames(order: readonly number[], clusterOf: Int32Array) {
  const frames: { cluster: number; from: number; to: number }[] = [];
  for (const [place, leaf] of order.entries()) {
    const last = frames.at(-1);
    if (last !== undefined && last.cluster === clusterOf[leaf]) last.to = place + 1;
    else frames.push({ cluster: clusterOf[leaf], from: place, to: place + 1 });
  }
  return frames;
}

// Math.max(...) takes no more than about 100,000 arguments
const topOf = (values: Float64Array): number[] =>
  values.length === 0 ? [] : [values.reduce((a, b) => Math.max(a, b))];
const bottomOf = (values: Float64Array): number[] =>
  values.length === 0 ? [] : [values.reduce((a, b) => Math.min(a, b))];
