import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopAfter, TimeSpent } from '../../src/base/stop.js';
import { checkAnswers } from '../../src/certify/check-answers.js';
import { toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { toInputs } from '../../src/network/frame.js';
import { normalInputs } from '../run/networks.js';

const shape = { inputs: 2, widths: [2], outputs: 1, activation: 'relu', slope: 0, skip: false } as const;
const parameters = Float64Array.of(0.6, 0.8, 0.1, 1, 0, -0.3, 1.5, -0.7, 0.2);
const known = { network: { shape, parameters }, standardErrors: new Float64Array(9) };
const accuracy = {
  scales: Float64Array.of(2),
  roundoff: 2 ** -53,
  noise: 0,
  quantisation: 0,
  quanta: Float64Array.of(0),
};
const target = toDeepNetwork(known.network, accuracy.scales);

/** Answers of the target to `inputs` of the frame, changed where `change` says so. */
function answersTo(
  inputs: Float64Array,
  change = (_: number, value: number) => value,
  frame = undefined as undefined | typeof box,
) {
  const count = inputs.length / 2;
  const outputs = forward(target, toInputs(frame, inputs), count).map((value, n) => change(n, value));
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}
const box = { shifts: Float64Array.of(1000, -3), scales: Float64Array.of(0.5, 2) };

test('answers that are right to their rounding contradict nothing, near, far and through a frame', async () => {
  for (const size of [1e-3, 1, 1e6]) {
    const { check, contradictions } = await checkAnswers(
      known,
      [answersTo(normalInputs(500, 2, size))],
      500,
      { frame: undefined, accuracy },
    );
    assert.deepEqual([check.checked, check.contradicted, contradictions], [500, 0, undefined]);
  }
  const framed = await checkAnswers(known, [answersTo(normalInputs(500, 2), undefined, box)], 500, {
    frame: box,
    accuracy,
  });
  assert.equal(framed.check.contradicted, 0);
});

test('one wrong answer of many is found, with its query', async () => {
  const inputs = normalInputs(500, 2);
  const wrong = answersTo(inputs, (n, value) => (n === 123 ? value + 1e-9 : value));
  const { check, contradictions } = await checkAnswers(known, [wrong], 600, { frame: undefined, accuracy });
  assert.equal(check.contradicted, 1);
  assert.equal(check.given, 600);
  assert.deepEqual([...contradictions!.inputs], [...inputs.subarray(246, 248)]);
  assert.ok(Math.abs(check.largestError - 1e-9) < 1e-12 && check.allowedError < 1e-13);
  assert.ok(Math.abs(check.nearest - Math.hypot(inputs[246], inputs[247]) / Math.SQRT2) < 1e-12);
});

test('a repeated query counts once, and an answer that is no number contradicts', async () => {
  const twice = answersTo(Float64Array.of(1, 2, 1, 2, 3, 4));
  assert.equal(
    (await checkAnswers(known, [twice, twice], 6, { frame: undefined, accuracy })).check.checked,
    2,
  );
  const broken = answersTo(Float64Array.of(1, 2, 3, 4), (n, value) => (n === 1 ? Number.NaN : value));
  assert.equal(
    (await checkAnswers(known, [broken], 2, { frame: undefined, accuracy })).check.contradicted,
    1,
  );
});

test('noise is allowed eight deviations of a single answer, and no more', async () => {
  const noisy = { ...accuracy, noise: 1e-6 };
  const off = (deviations: number) =>
    answersTo(normalInputs(50, 2), (_, value) => value + 2 * 1e-3 * deviations);
  assert.equal(
    (await checkAnswers(known, [off(7)], 50, { frame: undefined, accuracy: noisy })).check.contradicted,
    0,
  );
  assert.equal(
    (await checkAnswers(known, [off(9)], 50, { frame: undefined, accuracy: noisy })).check.contradicted,
    50,
  );
});

test('the comparison ends when the run has to', async () => {
  const stop = stopAfter(0);
  const answers = [answersTo(normalInputs(50, 2))];
  await assert.rejects(checkAnswers(known, answers, 50, { frame: undefined, accuracy, stop }), TimeSpent);
});
