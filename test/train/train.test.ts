import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';
import type { Table } from '../../src/files/data/table.js';
import { forward } from '../../src/network/forward.js';
import { createBatchLoss, initialParameters, networkOf } from '../../src/train/perceptron.js';
import { type PrepareOptions, prepareMnist, prepareTable } from '../../src/train/prepare.js';
import { type Problem, scoreOutputs } from '../../src/train/problem.js';
import { recipes } from '../../src/train/recipes.js';
import { forEachChunk } from '../../src/train/rows.js';
import { type EpochReport, type Trained, type TrainOptions, train } from '../../src/train/train.js';

/** Two waves of three inputs in their own units, in another unit themselves. */
function waves(count: number): Table {
  const random = randomStream('waves');
  const inputs = Float64Array.from({ length: count * 3 }, (_, i) => 50 + 10 ** (i % 3) * random.normal());
  const outputs = new Float64Array(count * 2);
  for (let n = 0; n < count; n++) {
    const [a, b, c] = [0, 1, 2].map((k) => (inputs[3 * n + k] - 50) / 10 ** k);
    outputs[2 * n] = 1000 + 200 * Math.sin(a + b);
    outputs[2 * n + 1] = 1e-3 * Math.tanh(c - a);
  }
  return { inputs, outputs, count, inputDimension: 3, outputDimension: 2 };
}

/** Three classes by the largest of three inputs. */
function largest(count: number): Table {
  const random = randomStream('largest');
  const inputs = Float64Array.from({ length: count * 3 }, () => random.normal());
  const outputs = Float64Array.from({ length: count }, (_, n) => {
    const row = inputs.subarray(3 * n, 3 * n + 3);
    return 10 * row.indexOf(Math.max(...row));
  });
  return { inputs, outputs, count, inputDimension: 3, outputDimension: 1 };
}

const preparation: PrepareOptions = {
  sizes: [3, 8, 2],
  task: 'regression',
  heldOutShare: 0.2,
  standardise: true,
  seed: 0,
};

function run(
  problem: Problem,
  options: Partial<TrainOptions> = {},
): { reports: EpochReport[]; trained: Trained } {
  const { inputDimension, outputDimension } = problem;
  const shape = { sizes: [inputDimension, 8, outputDimension], activation: 'tanh', slope: 0 } as const;
  const all = {
    ...recipes.own,
    shape,
    seed: 1,
    epochs: 80,
    learningRate: 0.01,
    batch: 32,
    ...options,
  } as const;
  const reports: EpochReport[] = [];
  const training = train(problem, all);
  for (;;) {
    const { value, done } = training.next();
    if (done) return { reports, trained: value };
    reports.push(value);
  }
}

/** Score of the held-out rows by the network itself. */
function scoreOf(problem: Problem, { network }: Trained): number | null {
  const { heldOut, outputDimension, task } = problem;
  const outputs = new Float64Array(heldOut.count * outputDimension);
  forEachChunk(problem, heldOut, 64, (inputs, start, rows) => {
    outputs.set(forward(network, inputs, rows), start * outputDimension);
  });
  return scoreOutputs(task, outputs, heldOut.targets, outputDimension);
}

test('numbers are learnt, in their own units', () => {
  const problem = prepareTable(waves(1000), 'waves', preparation);
  assert.deepEqual([problem.training.count, problem.heldOut.count], [800, 200]);
  const { reports, trained } = run(problem);
  assert.ok(reports.at(-1)!.score! > 0.97, String(reports.at(-1)!.score));
  assert.ok(Math.abs(scoreOf(problem, trained)! - reports.at(-1)!.score!) <= 1e-9);
  assert.deepEqual([trained.epochs, trained.keptEpoch, reports.length], [80, 80, 80]);
});

test('classes are learnt', () => {
  const problem = prepareTable(largest(1000), 'largest', {
    ...preparation,
    task: 'classification',
    sizes: [3, 8, 3],
  });
  assert.deepEqual(problem.classes, ['0', '10', '20']);
  const { reports, trained } = run(problem, { epochs: 40 });
  assert.ok(reports.at(-1)!.score! > 0.95, String(reports.at(-1)!.score));
  assert.equal(scoreOf(problem, trained), reports.at(-1)!.score);
});

test('the same seed gives the same network, another seed another one', () => {
  const problem = prepareTable(waves(200), 'waves', preparation);
  const [first, again, other] = [1, 1, 2].map((seed) => run(problem, { epochs: 3, seed }));
  assert.deepEqual(first, again);
  assert.notDeepEqual(first.trained.network, other.trained.network);
  const split = (seed: number) => prepareTable(waves(200), 'waves', { ...preparation, seed }).heldOut.targets;
  assert.deepEqual(split(0), split(0));
  assert.notDeepEqual(split(0), split(1));
});

test('auto ends when the held-out loss stops falling and keeps the best epoch', () => {
  const table = waves(60);
  const random = randomStream('noise');
  const noisy = { ...table, outputs: table.outputs.map((value) => value * (1 + 0.5 * random.normal())) };
  const problem = prepareTable(noisy, 'waves', preparation);
  const { reports, trained } = run(problem, { epochs: 'auto' });
  const best = Math.min(...reports.map(({ heldOutLoss }) => heldOutLoss));
  assert.equal(reports[trained.keptEpoch - 1].heldOutLoss, best);
  assert.equal(trained.epochs, reports.length);
  assert.equal((trained.epochs - trained.keptEpoch) * 2, 3000); // two batches an epoch
  assert.ok(Math.abs(scoreOf(problem, trained)! - reports[trained.keptEpoch - 1].score!) <= 1e-9);
});

test('a batch larger than the data is all of them', () => {
  const problem = prepareTable(waves(50), 'waves', preparation);
  assert.deepEqual(run(problem, { epochs: 3, batch: 1000 }), run(problem, { epochs: 3, batch: 40 }));
});

test('a learning rate that is too large is told', () => {
  const problem = prepareTable(waves(50), 'waves', preparation);
  const shape = { sizes: [3, 8, 8, 2], activation: 'relu', slope: 0 } as const;
  assert.throws(
    () => run(problem, { learningRate: 1e200, shape, epochs: 50 }),
    (error) =>
      error instanceof InputError &&
      /not finite after epoch \d+ with the learning rate 1e\+200/.test(error.message),
  );
});

const wrong: [name: string, table: Table, options: Partial<PrepareOptions>, message: RegExp][] = [
  ['other inputs', waves(9), { sizes: [4, 8, 2] }, /^f has 3 inputs, expected 4, with which --sizes begins$/],
  [
    'other outputs',
    waves(9),
    { sizes: [3, 8, 1] },
    /^f has 2 output columns, expected 1, with which --sizes ends$/,
  ],
  [
    'other classes',
    largest(50),
    { sizes: [3, 8, 4], task: 'classification' },
    /^f has 3 classes \('0', '10', '20'\), expected 4, with which --sizes ends$/,
  ],
  [
    'two columns of classes',
    waves(9),
    { task: 'classification' },
    /2 output columns, expected one column of classes/,
  ],
  [
    'too few rows to hold out',
    waves(4),
    { heldOutShare: 0.1 },
    /f has 4 rows: of the share 0\.1 .*, 0 rows are left/,
  ],
  ['too few rows to learn from', waves(4), { heldOutShare: 0.99 }, /f has 4 rows: of the share 0\.99/],
  [
    'outputs that never vary',
    { ...waves(9), outputs: new Float64Array(18).fill(3) },
    {},
    /f has outputs that are the same in every row/,
  ],
];

test('a table that does not fit is an InputError', async (t) => {
  for (const [name, table, options, message] of wrong) {
    await t.test(name, () =>
      assert.throws(() => prepareTable(table, 'f', { ...preparation, ...options }), {
        name: 'InputError',
        message,
      }),
    );
  }
  assert.throws(
    () => prepareMnist({ sizes: [783, 5, 10], standardise: true }),
    /mnist has 784 inputs, expected 783/,
  );
  assert.throws(
    () => prepareMnist({ sizes: [784, 5, 9], standardise: true }),
    /mnist has 10 classes, expected 9/,
  );
});

test('a plain gradient step takes the learning rate times the gradient off, from Kaiming-normal weights', () => {
  const table = largest(100);
  const options = { ...preparation, task: 'classification', sizes: [3, 8, 3], standardise: false } as const;
  const problem = prepareTable(table, 'largest', options);
  // one batch with every row: their order does not matter but for rounding
  const { trained } = run(problem, { ...recipes.paper, epochs: 1, batch: 80 });
  const shape = { sizes: [3, 8, 3], activation: 'tanh', slope: 0 } as const;
  const parameters = initialParameters(shape.sizes, randomStream(1, 'initial weights'), 'kaiming-normal');
  const gradient = new Float64Array(parameters.length);
  const { inputs, targets, count } = problem.training;
  createBatchLoss(shape, 'cross-entropy', count).lossAndGradient(
    parameters,
    Float64Array.from(inputs),
    targets,
    count,
    gradient,
  );
  const { layers } = networkOf(
    shape,
    parameters.map((value, i) => value - 0.1 * gradient[i]),
  );
  layers.forEach(({ weights, biases }, l) => {
    weights.forEach((w, i) => {
      assert.ok(Math.abs(trained.network.layers[l].weights[i] - w) < 1e-14);
    });
    biases.forEach((b, i) => {
      assert.ok(Math.abs(trained.network.layers[l].biases[i] - b) < 1e-14 && b !== 0);
    });
  });
});
