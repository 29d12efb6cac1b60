import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ShallowShape, shallowParameterCount } from '../../src/network/shallow.js';
import type { FitJob, Fitter } from '../../src/optimise/fit.js';
import { withOutputWeights } from '../../src/optimise/output-weights.js';
import { drawInputs } from '../../src/query/collect.js';
import { reconstruct } from '../../src/reconstruct/reconstruct.js';
import type { Dataset, Student } from '../../src/records.js';

/** tanh neurons with d inputs and o outputs, standard-normal samples of them, and where they come from. */
function problemOf(d: number, m: number, o: number, count: number) {
  const incoming = drawInputs(['incoming', d], m, d + 1, 0.6);
  const outgoing = drawInputs(['outgoing', d], o, m, 1);
  const inputs = drawInputs(['samples', d], count, d, 1);
  const outputs = new Float64Array(count * o);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < m; j++) {
      let z = incoming[j * (d + 1) + d];
      for (let k = 0; k < d; k++) z += incoming[j * (d + 1) + k] * inputs[n * d + k];
      for (let i = 0; i < o; i++) outputs[n * o + i] += outgoing[i * m + j] * Math.tanh(z);
    }
  }
  const dataset: Dataset = { inputs, outputs, count, inputDimension: d, outputDimension: o };
  return { incoming, dataset };
}

/** Keeps the jobs that pass through. */
function watched(): { fitter: Fitter; jobs: FitJob[] } {
  const inner = createInlineFitter(loadKernels());
  const jobs: FitJob[] = [];
  const fitter: Fitter = {
    fit(more, onDone) {
      jobs.push(...(more as readonly FitJob[]));
      return inner.fit(more, onDone);
    },
  };
  return { fitter, jobs };
}

/** The student with the neurons of `incoming`, fitted to the dataset. */
function studentWith(incoming: Float64Array, { inputs, outputs, count, ...dimensions }: Dataset): Student {
  const { inputDimension: d, outputDimension: o } = dimensions;
  const shape: ShallowShape = {
    ...{
      inputs: d,
      hidden: incoming.length / (d + 1),
      outputs: o,
      activation: 'tanh',
      slope: 0,
      skip: false,
    },
  };
  const parameters = withOutputWeights(shape, incoming, { inputs, outputs, count });
  return { shape, parameters } as Student;
}

for (const [name, d, m, o, count] of [
  ['narrow', 3, 4, 2, 500],
  ['wide', 16, 20, 24, 600],
] as const) {
  test(`copies and foreign neurons are left out of a ${name} network, and no other`, async () => {
    const { incoming, dataset } = problemOf(d, m, o, count);
    const extra = Float64Array.from([
      ...incoming,
      ...incoming.subarray(0, d + 1).map((value) => -value), // a mirrored copy
      ...drawInputs(['foreign'], 1, d + 1, 0.6),
    ]);
    const { fitter, jobs } = watched();
    const best = studentWith(extra, dataset);
    const { shape, deletions, loss } = await reconstruct(extra, best, dataset, 1e-22, fitter);
    assert.equal(shape.hidden, m);
    assert.ok(loss <= 1e-22);
    assert.deepEqual(
      [deletions.filter(({ removed }) => removed).length, deletions.filter(({ removed }) => !removed).length],
      [2, m],
    );
    for (const { removed, lossWithout } of deletions) {
      assert.ok(removed ? lossWithout <= 1e-22 : lossWithout > 1e-12, `${removed} ${lossWithout}`);
    }
    // wide networks are tested on as many samples as determine them, and who passes faces all samples
    const counts = new Set(jobs.map(({ samples }) => samples.count));
    if (name === 'narrow') assert.deepEqual([...counts], [count]);
    else assert.ok(counts.size > 1 && counts.has(count) && shallowParameterCount(shape) > 800);
  });
}

test('in a network of two thousand weights only those are tried that JᵀJ does not show to be needed', async () => {
  const [d, m, o, count] = [40, 36, 12, 1500];
  const { incoming, dataset } = problemOf(d, m, o, count);
  const copy = incoming.subarray(0, d + 1).map((value) => -value);
  const extra = Float64Array.from([...incoming, ...copy]);
  const kernels = loadKernels();
  const { fitter, jobs } = watched();
  const best = studentWith(extra, dataset);
  const { shape, deletions, loss } = await reconstruct(extra, best, dataset, 1e-22, fitter, kernels);
  assert.equal(shape.hidden, m);
  assert.ok(loss <= 1e-22);
  const removed = deletions.filter((deletion) => deletion.removed);
  assert.equal(removed.length, 1);
  // the copy or the neuron that it is one of
  const { incoming: gone } = removed[0];
  const cosine = Math.abs(gone.reduce((sum, value, k) => sum + value * copy[k], 0));
  assert.ok(Math.abs(cosine / (Math.hypot(...gone) * Math.hypot(...copy)) - 1) < 1e-9);
  const needed = deletions.filter((deletion) => !deletion.removed);
  assert.equal(needed.length, m);
  assert.ok(needed.every(({ isEstimated, lossWithout }) => isEstimated && lossWithout > 1e-12));
  assert.ok(jobs.length < 8, `${jobs.length} descents`);
});

test('what JᵀJ says of leaving a neuron out is no more than what a descent leaves', async () => {
  const [d, m, o, count] = [40, 36, 12, 1500];
  const { incoming, dataset } = problemOf(d, m, o, count);
  const { fitter } = watched();
  const best = studentWith(incoming, dataset);
  const screened = await reconstruct(incoming, best, dataset, 1e-22, fitter, loadKernels());
  const [first] = screened.deletions;
  const size = d + 1;
  const at = Array.from({ length: m }, (_, j) => j).find((j) =>
    first.incoming.every((value, k) => Math.abs(value - incoming[j * size + k]) < 1e-6),
  )!;
  const others = Float64Array.from([
    ...incoming.subarray(0, at * size),
    ...incoming.subarray((at + 1) * size),
  ]);
  const smaller = studentWith(others, dataset);
  const [fitted] = await fitter.fit([
    {
      samples: dataset,
      shape: smaller.shape,
      method: { kind: 'descend', start: smaller.parameters, options: { maxIterations: 15 } },
    },
  ]);
  assert.ok(first.lossWithout < fitted.loss && first.lossWithout > 1e-6 * fitted.loss);
});
