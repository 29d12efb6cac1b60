import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { drawDendrogram, drawDistances } from '../../src/report/figures-clusters.js';
import { drawHeldOutAnswers, drawHeldOutErrors } from '../../src/report/figures-held-out.js';
import { drawNetwork, drawWeights, imageSide } from '../../src/report/figures-network.js';
import { decades, drawLossCurves, powerOfTen } from '../../src/report/figures-students.js';
import { escapeHtml, formatNumber } from '../../src/report/html.js';
import { viewLayer } from '../../src/report/layer-view.js';
import { encodePng } from '../../src/report/png.js';
import { layOutTree } from '../../src/report/tree-layout.js';
import type { StoredClustering, StoredStudent } from '../../src/run/recovery-schema.js';
import { randomNetwork } from '../run/networks.js';

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

test('where the inputs are pixels, every neuron is an image of its weights', () => {
  assert.deepEqual([784, 64, 63, 49, 100].map(imageSide), [28, 8, undefined, undefined, 10]);
  const network = randomNetwork('tanh', [784, 5, 2]);
  const { svg, description } = drawWeights(network);
  assert.equal(count(svg, /<image [^>]*href="data:image\/png;base64,/g), 5);
  assert.match(description, /^All 5 neurons .* 28 × 28 weights each/);
  assert.equal(count(drawNetwork(network).svg, /<circle /g), 24 + 5 + 2, 'of 784 inputs, 24 are drawn');
  assert.equal(count(drawWeights(randomNetwork('tanh', [8, 5, 2])).svg, /<image /g), 1);
});

test('a picture becomes a PNG file with its pixels', () => {
  const png = Buffer.from(encodePng({ width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 250, 251, 252) }));
  assert.equal(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2, 1]);
  const at = png.indexOf('IDAT');
  const data = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  assert.deepEqual([...inflateSync(data)], [0, 1, 2, 3, 250, 251, 252]);
});

test('errors of held-out queries are drawn from the smallest to the largest, also where all are 0', () => {
  const heldOut = { count: 1000, maxError: 2e-15, relativeError: 3e-16, floor: 2e-16, expected: 4e-16 };
  const examples = { answers: Float64Array.of(1, -2, 3, 5), predictions: Float64Array.of(1, -2, 3, 5.5) };
  const errorQuantiles = Float64Array.from({ length: 101 }, (_, i) => (i < 21 ? 0 : i * 1e-17));
  const figure = drawHeldOutErrors({ ...heldOut, errorQuantiles, examples }, 'queries', 'rounding')!;
  assert.match(figure.description, /half of the errors are below 5\.0e−16/);
  assert.match(figure.description, /About 20 % of the answers agree to the last digit/);
  assert.match(figure.description, /is 4\.0e−16 on average; up to 1\.2e−14 is accepted/);
  assert.doesNotMatch(figure.svg, /NaN/);
  const none = drawHeldOutErrors(
    { ...heldOut, expected: 0, errorQuantiles: new Float64Array(101) },
    'pairs',
    'noise',
  )!;
  assert.doesNotMatch(none.svg, /NaN/);
  assert.match(none.title, /held-out pairs$/);
  assert.match(none.description, /What noise and the weights’ standard errors explain/);
  assert.equal(drawHeldOutErrors(heldOut, 'queries', 'rounding'), undefined);
  const answers = drawHeldOutAnswers({ ...heldOut, examples }, 2, 'queries')!;
  assert.equal(count(answers.svg, /<circle /g), 4);
  assert.match(answers.description, /answered to 2 fresh questions.*The 2 outputs are drawn together/);
  assert.equal(drawHeldOutAnswers(heldOut, 1, 'queries'), undefined);
});

/** `students` students with the same `hidden` neurons: the copies join low, the neurons one by one higher up. */
function sharedNeurons(students: number, hidden: number): StoredClustering {
  const leaves = students * hidden;
  const rows: number[] = [];
  const top = Array.from({ length: hidden }, (_, j) => j);
  let next = leaves;
  for (let s = 1; s < students; s++) {
    for (let j = 0; j < hidden; j++) {
      rows.push(top[j] < s * hidden + j ? top[j] : s * hidden + j, Math.max(top[j], s * hidden + j));
      rows.push(1e-9 * (s + j / hidden), s + 1);
      top[j] = next++;
    }
  }
  for (let j = 1, joined = top[0]; j < hidden; j++, joined = next++) {
    rows.push(Math.min(joined, top[j]), Math.max(joined, top[j]), 0.5 + j / hidden, students * (j + 1));
  }
  const members = (j: number) => Array.from({ length: students }, (_, student) => ({ student, neuron: j }));
  const chosen = { students, height: 1e-4, clusters: hidden, loss: 1e-28 };
  return {
    students: Array.from({ length: students }, (_, s) => s),
    metric: 'angle',
    linkage: Float64Array.from(rows),
    cuts: [chosen],
    chosen,
    clusters: Array.from({ length: hidden }, (_, j) => ({
      members: members(j),
      share: 1,
      medianDistance: 1e-9,
      kept: j % 2 === 0,
      why: 'for the test',
    })),
    incoming: new Float64Array(0),
  };
}

const student = (
  index: number,
  hidden: number,
  lossCurve = Float64Array.of(1, 1e-3, 1e-28),
): StoredStudent => ({
  index,
  start: 'random',
  spread: 2,
  samples: 300,
  shape: { inputs: 8, outputs: 1, activation: 'relu', hidden },
  parameters: new Float64Array(0),
  loss: 1e-28,
  iterations: 2,
  reason: 'tolerance',
  lossCurve,
  atFloor: true,
});

test('a tree is laid out with children beside each other, and a large one from its highest merges', () => {
  const { linkage } = sharedNeurons(2, 3);
  const { root, order, columns } = layOutTree(linkage, 6, 400);
  assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([root.size, columns, root.x > 0 && root.x < 6], [6, 6, true]);
  const small = layOutTree(linkage, 6, 3);
  assert.deepEqual([small.root.size, small.columns, small.order], [6, 3, order]);
  const bottom: number[] = [];
  const walk = (node: typeof root): void => {
    if (node.children === undefined) bottom.push(node.x);
    else node.children.forEach(walk);
  };
  walk(small.root);
  assert.deepEqual(bottom, [0.5, 1.5, 2.5]);
});

test('20,000 neurons make figures that are small enough to open at once', () => {
  const [students, hidden] = [10, 2000];
  const clustering = sharedNeurons(students, hidden);
  const view = viewLayer(
    1,
    clustering,
    Array.from({ length: students }, (_, s) => student(s, hidden)),
    undefined,
  );
  const dendrogram = drawDendrogram(view);
  const distances = drawDistances(view)!;
  assert.match(
    dendrogram.description,
    /^20,000 neurons of 10 students.* Only the highest 399 merges are drawn\.$/,
  );
  assert.match(distances.description, /^Heights at which the tree joins 600 of 20,000 neurons/);
  assert.ok(dendrogram.svg.length + distances.svg.length < 1e6);
  assert.ok(view.clusterOf.every((cluster) => cluster >= 0));
  const curves = Array.from({ length: 500 }, (_, s) =>
    student(
      s,
      8,
      Float64Array.from({ length: 5000 }, (_, i) => 10 ** (-i / 200)),
    ),
  );
  const { svg, description } = drawLossCurves(curves, 1e-30);
  assert.match(description, /^200 of 500 students are drawn/);
  assert.ok(svg.length < 2e6);
});

test('numbers and ticks are short, and text is escaped', () => {
  const shown = [0, 1234, 0.25, 1.5e-16, 1e29, Number.NaN, Number.POSITIVE_INFINITY, null].map(formatNumber);
  assert.deepEqual(shown, ['0', '1,234', '0.25', '1.5e−16', '1.0e29', '–', '∞', '–']);
  assert.deepEqual(decades(2e-8, 300), [1e-6, 1e-4, 1e-2, 1, 100]);
  assert.deepEqual([1e-12, 1, 1000].map(powerOfTen), ['10⁻¹²', '10⁰', '10³']);
  assert.equal(escapeHtml('<a href="x">&</a>'), '&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
});
