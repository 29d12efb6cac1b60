import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { isBounded as staysBounded } from '../../src/network/families.js';
import { forward } from '../../src/network/forward.js';
import { recover } from '../../src/recover.js';
import { syntheticTarget } from '../../src/suite/synthetic.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

for (const activation of ['tanh', 'gelu'] as const satisfies readonly ActivationName[]) {
  test(`float32 answers of ${activation} still show whether it is bounded, and the others are not trained first`, async () => {
    const { value } = activations[activation];
    const target = (inputs: Float64Array, count: number) =>
      Float64Array.from({ length: count }, (_, n) => {
        const [x, y] = inputs.subarray(2 * n, 2 * n + 2);
        return Math.fround(value(x - y + 0.3, 0) - 2 * value(0.5 * x + y - 0.2, 0));
      });
    const options = { inputDimension: 2, depth: 1, seed: 0 } as const;
    const { verdict, widths, evidence } = await recover(target, options, environment);
    assert.deepEqual([verdict, widths], ['identified', [2]]);
    const isBounded = staysBounded(activation);
    const { students } = evidence;
    const first = students.findIndex(({ atFloor }) => atFloor);
    assert.ok(first >= 0);
    for (const { shape } of students.slice(0, first + 1)) {
      assert.equal(staysBounded(shape.activation), isBounded, shape.activation);
    }
  });
}

test('an activation that the far field shows is no rival of itself', async () => {
  const network = syntheticTarget({ family: 'generic', activation: 'g', inputs: 8, hidden: 4, seed: 2 });
  const { verdict, reason, evidence } = await recover(
    (inputs, count) => forward(network, inputs, count),
    { inputDimension: 8, seed: 2 },
    environment,
  );
  assert.equal(verdict, 'identified', reason);
  assert.ok(evidence.rivals!.tried.length > 0 && !evidence.rivals!.tried.includes('g'));
});
