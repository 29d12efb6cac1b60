import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { detectRounding, quantisationVariance } from '../../src/query/rounding.js';

/** 300 answers of a smooth target to 2 outputs, each rounded by `round`. */
function answers(round: (value: number) => number, size = 1) {
  const random = randomStream('rounding');
  const outputs = Float64Array.from({ length: 600 }, (_, i) =>
    round(size * (random.normal() + 0.3 * (i % 2))),
  );
  return { inputs: new Float64Array(300), outputs, count: 300, inputDimension: 1, outputDimension: 2 };
}

/** To half precision or other short mantissas. */
const toBits = (bits: number) => (value: number) => {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits + 1);
  return Math.round(value / unit) * unit;
};
const shortText = (value: number) => {
  const narrow = Math.fround(value);
  for (let digits = 6; ; digits++) {
    const text = Number(narrow.toPrecision(digits));
    if (Math.fround(text) === narrow) return text;
  }
};

const relative: [name: string, round: (value: number) => number, type: string, roundoff: number][] = [
  ['float64', (value) => value, 'float64', 2 ** -53],
  ['float32', Math.fround, 'float32', 2 ** -24],
  ['half precision', toBits(11), 'float32', 2 ** -11],
  ['brain floats', toBits(8), 'float32', 2 ** -8],
  ['float32 as its shortest text', shortText, 'float64', 2 ** -24],
  ['float32 with 9 digits', (value) => Number(Math.fround(value).toPrecision(9)), 'float64', 2 ** -24],
  ['6 significant digits', (value) => Number(value.toPrecision(6)), 'float64', 0.5e-5],
  [
    '4 significant digits of float32',
    (value) => Math.fround(Number(value.toPrecision(4))),
    'float32',
    0.5e-3,
  ],
  ['12 significant digits', (value) => Number(value.toPrecision(12)), 'float64', 0.5e-11],
];
for (const [name, round, type, roundoff] of relative) {
  for (const size of [1, 1e-3, 37]) {
    test(`${name} is a relative rounding, at size ${size}`, () => {
      const found = detectRounding(answers(round, size));
      assert.deepEqual([found.numberType, [...found.quanta]], [type, [0, 0]]);
      assert.ok(Math.abs(found.roundoff / roundoff - 1) < 1e-9, String(found.roundoff));
    });
  }
}

const grid = (step: number) => (value: number) => Math.round(value / step) * step;
const grids: [name: string, round: (value: number) => number, step: number][] = [
  ['4 decimals', (value) => Number(value.toFixed(4)), 1e-4],
  ['2 decimals in float32', (value) => Math.fround(Number(value.toFixed(2))), 1e-2],
  ['8 decimals', (value) => Number(value.toFixed(8)), 1e-8],
  ['integers', Math.round, 1],
  ['whole tens', (value) => 10 * Math.round(50 * value), 10],
  ['whole thousands', (value) => 1000 * Math.round(50 * value), 1000],
  ['steps of 2⁻¹⁰', grid(2 ** -10), 2 ** -10],
  ['steps of 2⁻¹⁶ in float32', (value) => Math.fround(grid(2 ** -16)(value)), 2 ** -16],
  ['8-bit integers with a scale', (value) => Math.fround(grid(0.03217)(value)), 0.03217],
  ['8-bit integers with a scale and an offset', (value) => grid(0.0271)(value) + 0.00913, 0.0271],
  ['16-bit integers with a scale', grid(0.000123456), 0.000123456],
];
for (const [name, round, step] of grids) {
  test(`${name} are a grid`, () => {
    const { quanta } = detectRounding(answers(round, 2));
    for (const quantum of quanta) assert.ok(Math.abs(quantum / step - 1) < 1e-3, `${quantum}`);
  });
}

test('constant outputs and those with two values have no grid', () => {
  const constant = answers(() => 0.25);
  assert.deepEqual([...detectRounding(constant).quanta], [0, 0]);
  assert.deepEqual([...detectRounding(answers(Math.sign)).quanta], [0, 0]);
});

test('a grid explains the variance of a uniform error', () => {
  const data = answers((value) => Number(value.toFixed(1)));
  const exact = answers((value) => value);
  const errors = data.outputs.map((value, i) => (value - exact.outputs[i]) ** 2);
  const measured = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const expected = quantisationVariance(detectRounding(data), Float64Array.of(1, 1));
  assert.ok(Math.abs(measured / expected - 1) < 0.1);
});

test('whole numbers of two significant digits are no grid of tens', () => {
  const found = detectRounding(answers((value) => Number((1000 * value).toPrecision(2))));
  assert.deepEqual([...found.quanta], [0, 0]);
  assert.equal(found.roundoff, 0.05);
});
