import type { Backdrop, ChartName, Ink, ToCharts } from './chart-protocol.js';
import { drawDirections, drawHyperplanes, drawLosses, type Shown, type Surface } from './charts.js';
import { createScene } from './scene.js';
import { drawTree } from './tree-chart.js';

const scope = self as unknown as { onmessage: (event: { readonly data: ToCharts }) => void };

const drawers: Readonly<Record<ChartName, (surface: Surface, shown: Shown) => void>> = {
  losses: drawLosses,
  hyperplanes: drawHyperplanes,
  directions: drawDirections,
  tree: drawTree,
};
const ofStudents: readonly ChartName[] = ['losses', 'hyperplanes', 'directions'];
const all: readonly ChartName[] = [...ofStudents, 'tree'];

interface Canvas {
  readonly canvas: OffscreenCanvas;
  width: number;
  height: number;
  ratio: number;
}

const canvases = new Map<ChartName, Canvas>();
const scene = createScene();
let ink: Ink | undefined;
let backdrop: Backdrop = { activation: 'auto', picture: null, frame: null, found: null, truth: null };

/** Charts that show something else than they did, drawn with the next frame. */
const changed = new Set<ChartName>();
let isAsked = false;

function change(charts: readonly ChartName[]): void {
  for (const chart of charts) changed.add(chart);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    for (const chart of changed) draw(chart);
    changed.clear();
  });
}

function draw(chart: ChartName): void {
  const own = canvases.get(chart);
  if (own === undefined || own.width === 0 || ink === undefined) return;
  const { canvas, width, height, ratio } = own;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawers[chart]({ context, width, height, ink }, { scene, ...backdrop });
}

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case 'canvas':
      canvases.set(data.chart, { canvas: data.canvas, width: 0, height: 0, ratio: 1 });
      return;
    case 'size':
      Object.assign(canvases.get(data.chart) ?? {}, {
        width: data.width,
        height: data.height,
        ratio: data.ratio,
      });
      return change([data.chart]);
    case 'gone':
      canvases.delete(data.chart);
      return;
    case 'ink':
      ({ ink } = data);
      return change(all);
    case 'backdrop':
      ({ backdrop } = data);
      return change(ofStudents);
    case 'clear':
      scene.clear();
      return change(all);
    case 'sight':
      scene.see(data.sight);
      return change(ofStudents);
    case 'tree':
      scene.seeTree(data.tree);
      return change(['tree']);
    case 'student':
      scene.ended(data.loss, data.atFloor);
      return change(ofStudents);
  }
};
