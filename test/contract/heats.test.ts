import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heat, runHeat } from '../../src/contract/heats.js';
import { raceLanes } from '../../src/contract/race-lanes.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import type { DeepStudents, DeepWave } from '../../src/expand/deep-students.js';
import { openRegister } from '../../src/expand/register.js';
import type { Task, Training } from '../../src/expand/task.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import type { FitJob, FitShape, Fitted } from '../../src/optimise/fit.js';
import { resolveOptions } from '../../src/options.js';
import { openAttempt, type Search } from '../../src/problem/problem.js';
import type { Dataset, DeepStudent, Network } from '../../src/records.js';
import { twoLayers } from '../probe/rounded-networks.js';
import { normalInputs } from '../run/networks.js';

const samplesOfSpread = (spread: number): Dataset => ({
  inputs: Float64Array.of(spread),
  outputs: Float64Array.of(0),
  count: 1,
  inputDimension: 1,
  outputDimension: 1,
});

const student = (index: number, loss: number, spread: number): DeepStudent => ({
  index,
  start: 'random',
  peeled: 0,
  spread,
  samples: 1,
  shape: { inputs: 1, widths: [1, 1], outputs: 1, activation: 'tanh', slope: 0, skip: false },
  parameters: Float64Array.of(index),
  loss,
  iterations: 60,
  reason: 'max-iterations',
  lossCurve: Float64Array.of(loss),
  atFloor: false,
});

test('the best of a heat go on, on narrow queries first and then on the wave’s own', async () => {
  const asked: (readonly [number, number])[] = [];
  const students = [3, 1, 4, 2].map((loss, i) => student(i, loss, 0.5));
  // a fitter that halves every loss, and tells which student descended on which samples
  const fitter = {
    async fit<Shape extends FitShape>(jobs: readonly FitJob<Shape>[]): Promise<Fitted<Shape>[]> {
      return jobs.map(({ shape, samples, method }) => {
        assert.ok(method.kind === 'descend');
        asked.push([method.start[0], samples.inputs[0]]);
        const loss = students[method.start[0]].loss / 2;
        const curve = Float64Array.of(loss);
        return { shape, parameters: method.start, loss, iterations: 1, reason: 'stalled', lossCurve: curve };
      });
    },
  };
  const task: Task = {
    ...{ inputs: 1, outputs: 1, available: Number.POSITIVE_INFINITY },
    tolerances: { training: 0, validation: 0 },
    takeSamples: async (spread) => samplesOfSpread(spread),
  };
  const register = openRegister();
  register.add(students, (i) => students[i]);
  const training: Training = { seed: 0, register, fitter };
  const wave: DeepWave = { widths: [1, 1], spread: 1, from: 0.5, students: heat.students };
  const begin = async ({ spread }: DeepWave): Promise<DeepStudents> => ({
    students: [...students].sort((a, b) => a.loss - b.loss),
    dataset: samplesOfSpread(spread),
  });
  const { students: gone, dataset } = await runHeat(wave, begin, task, training);
  assert.deepEqual(asked, [
    [1, 0.5],
    [3, 0.5],
    [1, 1],
    [3, 1],
  ]);
  assert.deepEqual(
    gone.map(({ index, spread }) => [index, spread]),
    [
      [1, 1],
      [3, 1],
    ],
  );
  assert.equal(dataset.inputs[0], 1);
  // the run's own records are those of the students that went on
  assert.deepEqual(
    register.students.map(({ iterations }) => iterations),
    [60, 62, 60, 62],
  );
});

/** Float32 answers of a network of three inputs as the search sees them. */
function searchOf(network: Network): Search {
  const kernels = loadKernels();
  const takeSamples = async (spread: number, count: number): Promise<Dataset> => {
    const inputs = normalInputs(count, 3, spread).map(Math.fround);
    const outputs = forward(network, inputs, count).map(Math.fround);
    return { inputs, outputs, count, inputDimension: 3, outputDimension: 1 };
  };
  const task = {
    ...{ inputs: 3, outputs: 1, available: Number.POSITIVE_INFINITY },
    tolerances: { training: 1e-13, validation: 1e-11 },
    takeSamples,
  };
  const settings = resolveOptions({ inputDimension: 3, activation: 'tanh' });
  return {
    problem: { task, statistics: { scaledVariance: 1 } } as unknown as Search['problem'],
    attempt: openAttempt(settings, { kernels, fitter: createInlineFitter(kernels) }),
  };
}

test('students race with two and with three hidden layers, and those of the target lead', async () => {
  const two = twoLayers('tanh');
  const between = {
    inputs: 3,
    outputs: 3,
    weights: Float64Array.of(2.4, 1.7, -1.8, -1.5, 2.2, 2.1, 1.9, -2.3, 1.6),
    biases: Float64Array.of(0.2, -0.1, 0.3),
  };
  const three = { ...two, layers: [two.layers[0], two.layers[1], between, two.layers[2]] };
  const waves = [
    { widths: [9, 9], spread: 1.5, students: 4 },
    { widths: [8, 8, 8], spread: 1, students: 4 },
  ];
  const leading = async (network: Network) => {
    const search = searchOf(network);
    const { students } = search.attempt.journal.register;
    const lanes = await raceLanes(waves, undefined, search);
    assert.equal(students.length, lanes.filter(({ raced }) => raced !== undefined).length * 2);
    return lanes.map(({ depth }) => depth);
  };
  assert.deepEqual(await leading(two), [2, 3]);
  assert.deepEqual(await leading(three), [3, 2]);
});
