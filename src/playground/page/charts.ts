import type { PlanePicture } from '../protocol.js';
import type { Backdrop, Ink } from './chart-protocol.js';
import { type Directions, principalDirections, project } from './directions.js';
import { neuronsOf, type Scene, type Seen } from './scene.js';

/** Where a chart draws: a canvas of so many CSS pixels, and the page's colours. */
export interface Surface {
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
}

/** What the charts show. */
export interface Shown extends Backdrop {
  readonly scene: Scene;
}

const margin = { left: 52, right: 12, top: 12, bottom: 34 };

/** The least loss on the axis. */
const leastLoss = 1e-32;

/** Draws the losses of the students against iterations, downwards to the floor. */
export function drawLosses({ context, width, height, ink }: Surface, { scene }: Shown): void {
  context.clearRect(0, 0, width, height);
  const students = [...scene.students.values()];
  const points = students.flatMap(({ curve }) => curve);
  const furthest = Math.max(10, ...points.map(({ at }) => at));
  const losses = points.map(({ loss }) => Math.max(loss, leastLoss)).filter(Number.isFinite);
  const top = Math.ceil(Math.log10(Math.max(1, ...losses)));
  const bottom = Math.floor(Math.log10(Math.min(1e-4, ...losses)));
  const x = (at: number) => margin.left + ((width - margin.left - margin.right) * at) / furthest;
  const y = (loss: number) =>
    margin.top +
    ((height - margin.top - margin.bottom) * (top - Math.log10(Math.max(loss, leastLoss)))) / (top - bottom);
  context.font = '13px system-ui, sans-serif';
  context.lineWidth = 1;
  const step = Math.max(1, Math.ceil((top - bottom) / 6));
  for (let power = top; power >= bottom; power -= step) {
    const at = y(10 ** power);
    context.strokeStyle = ink.line;
    line(context, margin.left, at, width - margin.right, at);
    context.fillStyle = ink.text;
    context.textAlign = 'right';
    context.fillText(`1e${power}`, margin.left - 6, at + 4);
  }
  context.textAlign = 'center';
  context.fillText(`iterations (up to ${Math.round(furthest)})`, (margin.left + width) / 2, height - 8);
  for (const seen of students.toSorted((a, b) => Number(a.atFloor) - Number(b.atFloor))) {
    context.strokeStyle = seen.atFloor ? ink.main : seen.isDone ? ink.faint : ink.contrast;
    context.lineWidth = seen.atFloor ? 2.5 : 1.5;
    context.beginPath();
    for (const [i, { at, loss }] of seen.curve.entries()) {
      if (i === 0) context.moveTo(x(at), y(loss));
      else context.lineTo(x(at), y(loss));
    }
    context.stroke();
  }
}

function line(
  context: OffscreenCanvasRenderingContext2D,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** The latest students, and those at the floor above them. */
function inOrder({ students }: Scene): Seen[] {
  return [...students.values()].toSorted((a, b) => Number(a.atFloor) - Number(b.atFloor) || a.job - b.job);
}

/** Pictures of planes, by what they show: making one takes longer than drawing it. */
const painted = new WeakMap<PlanePicture, Map<string, OffscreenCanvas>>();

/** The hyperplanes of the students' neurons in the plane of two inputs, over the target's picture. */
export function drawHyperplanes({ context, width, height, ink }: Surface, shown: Shown): void {
  const { scene, picture, frame, found, truth } = shown;
  const extent = picture?.extent ?? 5;
  context.clearRect(0, 0, width, height);
  if (picture !== null) {
    context.imageSmoothingEnabled = true;
    context.drawImage(paint(picture, ink), 0, 0, width, height);
  }
  // one path a student: a stroke for every line takes several times as long
  const draw = (incoming: Float64Array, isFramed: boolean) => {
    context.beginPath();
    for (let j = 0; j + 2 < incoming.length; j += 3) {
      let [u, v, b] = incoming.subarray(j, j + 3);
      if (isFramed && frame !== null) {
        b -= (u * frame.shifts[0]) / frame.scales[0] + (v * frame.shifts[1]) / frame.scales[1];
        u /= frame.scales[0];
        v /= frame.scales[1];
      }
      hyperplane(context, u, v, b, extent, width, height);
    }
    context.stroke();
  };
  for (const seen of inOrder(scene)) {
    if (seen.inputs !== 2) continue;
    context.globalAlpha = seen.atFloor ? 0.9 : seen.isDone ? 0.25 : 0.6;
    context.strokeStyle = seen.atFloor ? ink.main : seen.isDone ? ink.faint : ink.contrast;
    context.lineWidth = seen.atFloor ? 1.5 : 1;
    draw(seen.incoming, true);
  }
  context.globalAlpha = 1;
  if (found !== null) {
    context.strokeStyle = ink.text;
    context.lineWidth = 2.5;
    draw(found.incoming, false);
  }
  if (truth !== null) {
    context.strokeStyle = ink.contrast;
    context.lineWidth = 2.5;
    context.setLineDash([7, 7]);
    draw(truth.incoming, false);
    context.setLineDash([]);
  }
}

/** Adds the line where u·x + v·y + b is 0, from edge to edge, to the path. */
function hyperplane(
  context: OffscreenCanvasRenderingContext2D,
  u: number,
  v: number,
  b: number,
  extent: number,
  width: number,
  height: number,
): void {
  const square = u * u + v * v;
  if (square === 0) return;
  const [cx, cy] = [(-b * u) / square, (-b * v) / square];
  const reach = (3 * extent) / Math.sqrt(square);
  const toX = (x: number) => (width * (x + extent)) / (2 * extent);
  const toY = (y: number) => (height * (extent - y)) / (2 * extent);
  context.moveTo(toX(cx - v * reach), toY(cy + u * reach));
  context.lineTo(toX(cx + v * reach), toY(cy - u * reach));
}

function paint(picture: PlanePicture, { main, contrast, paper }: Surface['ink']): OffscreenCanvas {
  const key = `${main}${contrast}${paper}`;
  const known = painted.get(picture) ?? new Map<string, OffscreenCanvas>();
  painted.set(picture, known);
  let canvas = known.get(key);
  if (canvas !== undefined) return canvas;
  const { side, values } = picture;
  canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d')!;
  const [low, high] = values.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
  const image = context.createImageData(side, side);
  const [from, middle, to] = [contrast, paper, main].map(parseColour);
  for (let i = 0; i < side * side; i++) {
    const share = high > low ? (2 * (values[i] - low)) / (high - low) - 1 : 0;
    const end = share < 0 ? from : to;
    const row = side - 1 - Math.floor(i / side);
    const at = 4 * (row * side + (i % side));
    for (let k = 0; k < 3; k++)
      image.data[at + k] = middle[k] + 0.45 * Math.abs(share) * (end[k] - middle[k]);
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  known.set(key, canvas);
  return canvas;
}

const parseColour = (text: string) => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));

/** Directions of the last picture, so that the next turns little. */
let lastDirections: Directions | undefined;

/** Most neurons that the directions are measured on. */
const mostMeasured = 400;

/** The neurons of all students along the two principal directions of their incoming vectors. */
export function drawDirections({ context, width, height, ink }: Surface, shown: Shown): void {
  context.clearRect(0, 0, width, height);
  const { scene, activation, found, truth } = shown;
  const students = inOrder(scene);
  const inputs = students.at(-1)?.inputs;
  const groups = students
    .filter((seen) => seen.inputs === inputs)
    .map((seen) => ({ seen, neurons: neuronsOf(seen.incoming, seen.inputs, activation) }));
  // students that are stuck have neurons anywhere: once some are at the floor, theirs decide what is seen
  const some = groups.some(({ seen }) => seen.atFloor);
  const all = groups.filter(({ seen }) => seen.atFloor || !some).flatMap(({ neurons }) => neurons);
  const measured = all.slice(-mostMeasured);
  const directions = principalDirections(measured, lastDirections);
  if (directions === undefined) return;
  lastDirections = directions;
  const at = (vector: Float64Array) =>
    [directions.first, directions.second].map((one) => project(vector, directions.mean, one));
  const sizes = measured.map((vector) => Math.max(...at(vector).map(Math.abs))).sort((a, b) => a - b);
  const reach = 1.15 * (sizes[Math.floor(0.97 * (sizes.length - 1))] || 1);
  const place = (vector: Float64Array) => {
    const [x, y] = at(vector);
    return [(width * (1 + x / reach)) / 2, (height * (1 - y / reach)) / 2];
  };
  context.strokeStyle = ink.line;
  line(context, width / 2, 0, width / 2, height);
  line(context, 0, height / 2, width, height / 2);
  for (const { seen, neurons } of groups) {
    context.globalAlpha = seen.atFloor ? 0.9 : seen.isDone ? 0.3 : 0.7;
    context.fillStyle = seen.atFloor ? ink.main : seen.isDone ? ink.faint : ink.contrast;
    context.beginPath();
    for (const neuron of neurons) {
      const [x, y] = place(neuron);
      const radius = seen.atFloor ? 5 : 3;
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
  }
  context.globalAlpha = 1;
  for (const [layer, colour, size] of [
    [found, ink.text, 9],
    [truth, ink.contrast, 13],
  ] as const) {
    if (layer === null || layer.inputs !== inputs) continue;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    for (const neuron of neuronsOf(layer.incoming, layer.inputs, activation)) {
      const [x, y] = place(neuron);
      context.beginPath();
      context.arc(x, y, size, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}
