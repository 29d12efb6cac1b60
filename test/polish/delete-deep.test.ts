import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, type DeepShape, deepBlocks, deepParameterCount } from '../../src/network/deep.js';
import { hiddenFeatures } from '../../src/network/deep-features.js';
import { removeSuperfluousDeep } from '../../src/polish/delete-deep.js';
import { normalInputs } from '../run/networks.js';

const count = 400;
const inputs = normalInputs(count, 3);
const fitter = createInlineFitter(loadKernels());
const tolerance = 1e-18;

/** What the output layer of a network gives, which sees what its last hidden layer and those before give. */
function answersOf({ shape, parameters }: DeepNetwork): Float64Array {
  const seen = hiddenFeatures({ shape, parameters }, { inputs, count }, shape.widths.length - 1);
  const { at, rows, columns } = deepBlocks(shape)[shape.widths.length];
  return Float64Array.from({ length: count * rows }, (_, i) => {
    const [n, row] = [Math.floor(i / rows), i % rows];
    let sum = parameters[at + (row + 1) * columns - 1];
    for (let k = 0; k < columns - 1; k++) {
      sum += parameters[at + row * columns + k] * seen[n * (columns - 1) + k];
    }
    return sum;
  });
}

/** A network whose first `widths` neurons of every layer are random, and the others nearly copies of them. */
function withCopies(shape: DeepShape, widths: readonly number[]): DeepNetwork {
  const parameters = normalInputs(deepParameterCount(shape), 1).slice();
  const noise = normalInputs(parameters.length + 1, 1);
  deepBlocks(shape)
    .slice(0, -1)
    .forEach(({ at, rows, columns }, layer) => {
      for (let j = widths[layer]; j < rows; j++) {
        const from = at + (j - widths[layer]) * columns;
        parameters.copyWithin(at + j * columns, from, from + columns);
      }
    });
  return { shape, parameters: parameters.map((value, i) => value + 1e-9 * noise[i]) };
}

for (const { activation, skip } of [
  { activation: 'softplus', skip: true },
  { activation: 'g', skip: false },
] as const) {
  test(`${activation} networks ${skip ? 'with' : 'without'} a skip path keep the neurons that they need`, async () => {
    const shape: DeepShape = { inputs: 3, widths: [4, 5], outputs: 2, activation, slope: 0, skip };
    const wide = withCopies(shape, [3, 3]);
    const dataset = { inputs, outputs: answersOf(wide), count, inputDimension: 3, outputDimension: 2 };
    const { polished, deletions } = await removeSuperfluousDeep(
      { ...wide, loss: 0 },
      dataset,
      tolerance,
      fitter,
    );
    assert.deepEqual(polished.shape.widths, [3, 3]);
    assert.ok(polished.loss <= tolerance, `loss ${polished.loss}`);
    assert.deepEqual(
      deletions.map((own) => own.map(({ removed }) => removed)),
      [
        [true, false, false, false],
        [true, true, false, false, false],
      ],
    );
    const needed = deletions.flat().filter(({ removed }) => !removed);
    assert.ok(needed.every(({ lossWithout }) => lossWithout > 1e6 * tolerance));
    const answers = answersOf(polished);
    const largest = answers.reduce((most, y, i) => Math.max(most, Math.abs(y - dataset.outputs[i])), 0);
    assert.ok(largest < 1e-7, `answers differ by ${largest}`);
  });
}
