import * as Plot from '@observablehq/plot';
import { activationOf } from '../network/deep.js';
import { activationText } from '../network/layer-names.js';
import type { Network } from '../records.js';
import { drawPlot, type Figure, figureWidth, ink, picture, pixels } from './plot.js';
import { toDataUri } from './png.js';

/** Most neurons of one layer that are drawn as circles, and lines between two layers. */
const mostCircles = 24;
const mostLines = 1200;

/** The network: a column of circles a layer, the weights as lines. */
export function drawNetwork(network: Network): Figure {
  const { layers } = network;
  const activation = activationText(network);
  const named = (layer: number) => activationOf(network, layer);
  const sizes = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  const chosen = sizes.map((size, column) => largestNeurons(layers, column, size));
  const shown = chosen.map((neurons) => neurons.length);
  const height = Math.max(220, 24 * Math.max(...shown) + 96);
  const [left, right, top, bottom] = [72, figureWidth - 72, 56, height - 24];
  const x = (column: number) => left + ((right - left) * column) / (sizes.length - 1);
  const y = (column: number, i: number) => {
    const step = Math.min(56, (bottom - top) / shown[column]);
    return (top + bottom) / 2 + (i - (shown[column] - 1) / 2) * step;
  };
  const lines: { x1: number; y1: number; x2: number; y2: number; share: number; weight: number }[] = [];
  for (const [column, { inputs, weights }] of layers.entries()) {
    const between: { from: number; to: number; weight: number }[] = [];
    for (let to = 0; to < shown[column + 1]; to++) {
      for (let from = 0; from < shown[column]; from++) {
        const weight = weights[chosen[column + 1][to] * inputs + chosen[column][from]];
        between.push({ from, to, weight });
      }
    }
    const largest = between.reduce((most, { weight }) => Math.max(most, Math.abs(weight)), 0) || 1;
    between.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    for (const { from, to, weight } of between.slice(0, mostLines)) {
      lines.push({
        x1: x(column),
        y1: y(column, from),
        x2: x(column + 1),
        y2: y(column + 1, to),
        share: Math.abs(weight) / largest,
        weight,
      });
    }
  }
  const circles = shown.flatMap((count, column) =>
    Array.from({ length: count }, (_, i) => ({ x: x(column), y: y(column, i) })),
  );
  const names = sizes.map((size, column) => {
    const kind =
      column === 0
        ? ['input', 'inputs']
        : column === sizes.length - 1
          ? ['output', 'outputs']
          : [named(column - 1), named(column - 1)];
    const part = size > shown[column] ? `${shown[column]} of ` : '';
    return { x: x(column), text: `${part}${size} ${kind[size === 1 ? 0 : 1]}` };
  });
  const drawn = (sign: number, stroke: string) =>
    Plot.link(lines.filter(({ weight }) => Math.sign(weight) === sign).reverse(), {
      x1: 'x1',
      y1: 'y1',
      x2: 'x2',
      y2: 'y2',
      stroke,
      strokeWidth: ({ share }: { share: number }) => 0.4 + 3 * share,
      strokeOpacity: ({ share }: { share: number }) => 0.15 + 0.75 * share,
    });
  const title = 'The network that was found';
  const description = `${sizes.join('-')}, ${activation}. Lines are weights, as wide as they are large within their layer: blue positive, orange negative.${sizes.some((size) => size > mostCircles) ? ' Of wide layers, the neurons with the largest weights are drawn.' : ''}`;
  const svg = drawPlot({
    title,
    description,
    height,
    ...pixels,
    // numbers are widths and opacities as they are
    opacity: { type: 'identity' },
    marks: [
      drawn(1, ink.main),
      drawn(-1, ink.contrast),
      Plot.dot(circles, { x: 'x', y: 'y', r: 8, fill: 'var(--paper)', stroke: ink.text, strokeWidth: 1.5 }),
      Plot.text(names, { x: 'x', y: 24, text: 'text', fill: ink.text }),
    ],
  });
  return { name: 'network', title, description, svg };
}

/** The neurons of a column that are drawn, in their order: those with the largest weights where not all are. */
function largestNeurons(layers: Network['layers'], column: number, size: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (size <= mostCircles) return all;
  const squares = new Float64Array(size);
  const [before, after] = [layers[column - 1], layers[column]];
  for (const [i, weight] of before?.weights.entries() ?? [])
    squares[Math.floor(i / before.inputs)] += weight ** 2;
  for (const [i, weight] of after?.weights.entries() ?? []) squares[i % after.inputs] += weight ** 2;
  return all
    .sort((a, b) => squares[b] - squares[a])
    .slice(0, mostCircles)
    .sort((a, b) => a - b);
}

/** Inputs of this number and more that make a square are shown as images. */
const leastPixels = 64;
const mostImages = 100;

/** Side of the square that `inputs` pixels make; undefined when they make none worth a look. */
export function imageSide(inputs: number): number | undefined {
  const side = Math.sqrt(inputs);
  return inputs >= leastPixels && Number.isInteger(side) ? side : undefined;
}

/** The incoming weights of the first hidden layer: an image a neuron where the inputs are pixels, else one table. */
export function drawWeights({ layers }: Network): Figure {
  const [{ inputs, outputs, weights }] = layers;
  const side = imageSide(inputs);
  return side === undefined
    ? drawWeightTable(layers[0])
    : drawImages(side, Math.min(outputs, mostImages), outputs, weights);
}

function drawImages(side: number, count: number, of: number, weights: Float64Array): Figure {
  const columns = Math.min(count, 8);
  const gap = 8;
  const cell = (figureWidth - gap * (columns - 1)) / columns;
  const images = Array.from({ length: count }, (_, neuron) => ({
    src: toDataUri(
      colourWeights(weights.subarray(neuron * side * side, (neuron + 1) * side * side), side, side),
    ),
    x: (neuron % columns) * (cell + gap) + cell / 2,
    y: Math.floor(neuron / columns) * (cell + gap + 22) + 22 + cell / 2,
    name: `${neuron + 1}`,
  }));
  const title = 'Incoming weights as images';
  const description = `${count === of ? `All ${of}` : `The first ${count} of ${of}`} neurons of the first hidden layer, ${side} × ${side} weights each, scaled to the largest of the neuron: blue positive, white 0, orange negative.`;
  const svg = drawPlot({
    title,
    description,
    height: Math.ceil(count / columns) * (cell + gap + 22),
    ...pixels,
    marks: [
      Plot.image(images, {
        src: 'src',
        x: 'x',
        y: 'y',
        width: cell,
        height: cell,
        imageRendering: 'pixelated',
      }),
      Plot.rect(images, {
        x1: ({ x }: { x: number }) => x - cell / 2,
        x2: ({ x }: { x: number }) => x + cell / 2,
        y1: ({ y }: { y: number }) => y - cell / 2,
        y2: ({ y }: { y: number }) => y + cell / 2,
        stroke: 'var(--line)',
        fill: 'none',
      }),
      Plot.text(images, { x: 'x', y: 'y', text: 'name', dy: -cell / 2 - 10, fill: ink.text }),
    ],
  });
  return { name: 'weights', title, description, svg };
}

function drawWeightTable({ inputs, outputs, weights, biases }: Network['layers'][number]): Figure {
  const table = new Float64Array(outputs * (inputs + 1));
  for (let j = 0; j < outputs; j++) {
    table.set(weights.subarray(j * inputs, (j + 1) * inputs), j * (inputs + 1));
    table[j * (inputs + 1) + inputs] = biases[j];
  }
  const cell = Math.min(40, (figureWidth - 120) / (inputs + 1));
  const rowHeight = Math.min(28, Math.max(2, 600 / outputs));
  const [width, height] = [cell * (inputs + 1), rowHeight * outputs];
  const [left, top] = [96, 40];
  const title = 'Incoming weights';
  const description = `A row for each of the ${outputs} neurons of the first hidden layer, a column for each of the ${inputs} inputs, the bias last: blue positive, white 0, orange negative.`;
  const svg = drawPlot({
    title,
    description,
    height: top + height + 16,
    ...pixels,
    marks: [
      picture(toDataUri(colourWeights(table, inputs + 1, outputs)), left, top, width, height),
      Plot.text(['input 1'], {
        x: left,
        y: top - 14,
        text: (t: string) => t,
        textAnchor: 'start',
        fill: ink.text,
      }),
      Plot.text(['bias'], {
        x: left + width,
        y: top - 14,
        text: (t: string) => t,
        textAnchor: width > 160 ? 'end' : 'start',
        fill: ink.text,
      }),
      Plot.text(outputs > 1 ? ['neuron 1', `neuron ${outputs}`] : ['neuron 1'], {
        x: left - 10,
        y: (_: string, i: number) =>
          top + rowHeight / 2 + (i === 0 ? 0 : Math.max(rowHeight * (outputs - 1), 20)),
        text: (t: string) => t,
        textAnchor: 'end',
        fill: ink.text,
      }),
    ],
  });
  return { name: 'weights', title, description, svg };
}

// the blue and the orange of the page, from white
const positive = [0x00, 0x72, 0xb2];
const negative = [0xc4, 0x4e, 0x00];

/** Blue for positive, orange for negative, relative to the largest. */
function colourWeights(values: Float64Array, width: number, height: number) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const rgb = new Uint8Array(3 * values.length);
  for (const [i, value] of values.entries()) {
    const share = Math.abs(value) / largest;
    for (const [c, full] of (value < 0 ? negative : positive).entries()) {
      rgb[3 * i + c] = Math.round(255 + (full - 255) * share);
    }
  }
  return { width, height, rgb };
}
