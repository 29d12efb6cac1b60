import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packBlocks, packedBytes } from '../../src/kernels/blocks.js';
import type { Precision, Samples } from '../../src/kernels/kernels.js';
import { isSupported } from '../../src/kernels/load.js';
import { startKernels } from '../../src/kernels/wasm.js';
import { type DeepShape, deepParameterCount } from '../../src/network/deep.js';
import { builds, caseOf, evaluate, shapeOf, spread } from './implementations.js';

/** The same samples with their blocks in memory that threads share. */
function packed(samples: Samples, inputs: number, outputs: number, precision: Precision): Samples {
  const memory = new SharedArrayBuffer(packedBytes(precision, samples.count, inputs, outputs));
  const blocks = precision === 'float32' ? new Float32Array(memory) : new Float64Array(memory);
  packBlocks(blocks, samples, inputs, outputs);
  return { ...samples, packed: blocks };
}

/** Sizes of a case: samples in up to six blocks. */
const sizes = fc.record({
  count: fc.integer({ min: 1, max: 768 }),
  inputs: fc.integer({ min: 1, max: 9 }),
  hidden: fc.integer({ min: 1, max: 8 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  isPacked: fc.boolean(),
});

for (const name of (['simd', 'relaxed'] as const).filter(isSupported)) {
  const whole = startKernels(name, { resident: Number.POSITIVE_INFINITY, streamed: 0 });
  const streaming = [0, 10_000, 20_000, 40_000].map((streamed) =>
    startKernels(name, { resident: 0, streamed }),
  );

  test(`${name} answers the same to the last bit whatever part of the samples it sees at a time`, () => {
    fc.assert(
      fc.property(sizes, ({ count, inputs, hidden, outputs, isPacked }) => {
        const shape = shapeOf({ inputs, hidden, outputs, skip: count % 2 === 0 });
        const { samples, parameters } = caseOf(shape, count);
        const given = isPacked ? packed(samples, inputs, outputs, 'float64') : samples;
        const expected = evaluate(whole.shallow(shape, samples), parameters);
        for (const kernels of streaming) {
          const problem = kernels.shallow(shape, given);
          assert.deepEqual(evaluate(problem, parameters), expected);
          assert.deepEqual(evaluate(problem, parameters), expected, 'the second time');
          problem.dispose();
        }
      }),
      { numRuns: 60 },
    );
  });

  test(`${name} answers the same for deep networks whatever part of the samples it sees at a time`, () => {
    fc.assert(
      fc.property(sizes, ({ count, inputs, hidden, outputs, isPacked }) => {
        const widths = [hidden, 1 + (hidden % 3)];
        const shape: DeepShape = {
          inputs,
          widths,
          outputs,
          activation: 'gelu',
          slope: 0,
          skip: count % 3 > 0,
        };
        const { samples } = caseOf(shapeOf({ inputs, outputs }), count);
        const given = isPacked ? packed(samples, inputs, outputs, 'float64') : samples;
        const parameters = spread(deepParameterCount(shape), 1);
        const expected = evaluate(whole.deep(shape, samples), parameters);
        for (const kernels of streaming) {
          const problem = kernels.deep(shape, given);
          assert.deepEqual(evaluate(problem, parameters), expected);
          problem.dispose();
        }
      }),
      { numRuns: 30 },
    );
  });

  test(`${name} answers the same in float32 whatever part of the samples it sees at a time`, () => {
    fc.assert(
      fc.property(sizes, ({ count: half, inputs, hidden, outputs, isPacked }) => {
        const shape = shapeOf({ inputs, hidden, outputs });
        const { samples, parameters } = caseOf(shape, 2 * half);
        const given = isPacked ? packed(samples, inputs, outputs, 'float32') : samples;
        const answer = (kernels: typeof whole, seen: Samples) => {
          const problem = kernels.shallowInFloat32(shape, seen);
          const gradient = new Float64Array(problem.parameterCount);
          const losses = [problem.loss(parameters), problem.lossAndGradient(parameters, gradient)];
          const slopes = [...gradient];
          for (let first = 0; first < problem.parts; first++) {
            losses.push(problem.batchLossAndGradient(parameters, gradient, first, 1));
            slopes.push(...gradient);
          }
          problem.dispose();
          return [...losses, ...slopes];
        };
        const expected = answer(whole, samples);
        for (const kernels of streaming) assert.deepEqual(answer(kernels, given), expected);
      }),
      { numRuns: 60 },
    );
  });

  test(`${name} keeps the windows of problems apart that take turns`, () => {
    const [kernels] = streaming;
    const cases = [300, 400].map((count) => caseOf(shapeOf({ inputs: 3 }), count));
    const expected = cases.map(({ shape, samples, parameters }) =>
      whole.shallow(shape, samples).loss(parameters),
    );
    const problems = cases.map(({ shape, samples }) => kernels.shallow(shape, samples));
    for (const _ of [1, 2]) {
      assert.deepEqual(
        problems.map((problem, i) => problem.loss(cases[i].parameters)),
        expected,
      );
    }
  });
}

for (const kernels of builds) {
  test(`${kernels.name} needs no more memory for ten times as many samples, shared or not`, () => {
    const shape = shapeOf({ inputs: 30, hidden: 2 });
    const sizeAfter = (count: number, isPacked: boolean) => {
      const { samples, parameters } = caseOf(shape, count);
      const given = isPacked ? packed(samples, 30, 1, 'float64') : samples;
      const problem = kernels.shallow(shape, given);
      assert.ok(problem.linearise(parameters) > 0);
      problem.dispose();
      return kernels.machine.arena.size;
    };
    const size = sizeAfter(10_000, false); // 2.6 MiB of samples, which stay
    assert.equal(sizeAfter(100_000, true), size);
    assert.equal(sizeAfter(100_000, false), size);
  });

  test(`${kernels.name} refuses packed samples of another size`, () => {
    const { shape, samples } = caseOf(shapeOf({}), 200);
    const other = packed(caseOf(shapeOf({}), 300).samples, 2, 1, 'float64').packed!;
    assert.throws(() => kernels.shallow(shape, { ...samples, packed: other }), /another problem/);
  });
}
