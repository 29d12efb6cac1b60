import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import type { Candidate } from '../../src/expand/candidates.js';
import { raceCandidates } from '../../src/expand/race.js';
import { openRegister } from '../../src/expand/register.js';
import { testRivals } from '../../src/expand/rivals.js';
import { scheduleFor } from '../../src/expand/schedule.js';
import { searchStudents, TooFewSamples } from '../../src/expand/search.js';
import type { Task, Training } from '../../src/expand/task.js';
import { isWide } from '../../src/expand/wide.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { drawInputs } from '../../src/query/collect.js';
import { firstPairs } from '../../src/records.js';

const [d, m, o, count] = [14, 3, 4, 1200];
const incoming = drawInputs(['incoming'], m, d + 1, 0.5);
const outgoing = drawInputs(['outgoing'], o, m, 1);

/** Answers of 3 neurons to standard-normal inputs of 14 numbers, 4 numbers each. */
function samplesOf(activation: ActivationName) {
  const inputs = drawInputs(['samples'], count, d, 1);
  const outputs = new Float64Array(count * o);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < m; j++) {
      let z = incoming[j * (d + 1) + d];
      for (let k = 0; k < d; k++) z += incoming[j * (d + 1) + k] * inputs[n * d + k];
      const unit = activations[activation].value(z, 0);
      for (let i = 0; i < o; i++) outputs[n * o + i] += outgoing[i * m + j] * unit;
    }
  }
  return { inputs, outputs, count, inputDimension: d, outputDimension: o };
}

const candidate = (activation: ActivationName): Candidate => ({
  activation,
  trained: activation,
  leaky: false,
});
const candidates = (['tanh', 'relu', 'softplus', 'gelu', 'g', 'erf'] as const).map(candidate);
const fitter = createInlineFitter(loadKernels());
const wave = { width: 6, spread: 1, starts: ['random', 'random'] as const };

function taskOf(activation: ActivationName, available = Number.POSITIVE_INFINITY): Task {
  const samples = samplesOf(activation);
  return {
    ...{ inputs: d, outputs: o, available },
    tolerances: { training: 1e-24, validation: 1e-21 },
    takeSamples: async (_, wanted) => firstPairs(samples, wanted),
  };
}

const newTraining = (): Training => ({ seed: 0, fitter, register: openRegister() });

for (const activation of ['tanh', 'relu', 'gelu'] as const) {
  test(`${activation} wins the race for its own target, and others are left behind`, async () => {
    const context = {
      seed: 0,
      shape: { inputs: d, outputs: o, slope: 0 },
      tolerance: 1e-24,
      begun: 7,
      fitter,
    };
    const dataset = firstPairs(samplesOf(activation), 400);
    const students = await raceCandidates(candidates, wave, { ...context, dataset });
    assert.deepEqual(
      students.map(({ shape }) => shape.activation),
      candidates.map(({ trained }) => trained),
    );
    assert.deepEqual(
      students.filter(({ loss }) => loss <= context.tolerance).map(({ shape }) => shape.activation),
      [activation],
    );
    assert.ok(
      students.some(({ iterations }) => iterations <= 20),
      'somebody is left behind',
    );
  });
}

test('the search races wide hypotheses and trains a second student of the winner', async () => {
  const training = newTraining();
  const reached = await searchStudents(candidates, [wave], taskOf('tanh'), training);
  assert.equal(reached?.candidate.activation, 'tanh');
  assert.ok(reached.students.length >= 2);
  assert.ok(training.register.students.length > candidates.length);
});

test('a rival that is the same function is found equal, others are not', async () => {
  const found = {
    incoming,
    dataset: firstPairs(samplesOf('tanh'), 400),
    spread: 1,
    activation: 'tanh' as const,
  };
  const equal = await testRivals(
    ['sigmoid', 'relu', 'erf'].map((name) => candidate(name as ActivationName)),
    found,
    taskOf('tanh'),
    newTraining(),
  );
  assert.deepEqual(
    equal.map(({ activation }) => activation),
    ['sigmoid'],
  );
});

test('too few samples to determine a student end the search', async () => {
  await assert.rejects(searchStudents(candidates, [wave], taskOf('tanh', 30), newTraining()), TooFewSamples);
});

test('wide students are half as wide again as the rank, or of fixed widths where it is unknown', () => {
  assert.deepEqual([isWide(12), isWide(13)], [false, true]);
  assert.equal(scheduleFor(32, 32)[0].width, 48);
  assert.ok(scheduleFor(32, 32).every(({ width }) => width > 32));
  assert.deepEqual(
    scheduleFor(64, undefined).map(({ width }) => width),
    [8, 24, 48, 96],
  );
  assert.ok(scheduleFor(8, 8).every(({ width }) => width >= 8));
});
