import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatExact, parseExact } from '../../src/files/exact-json.js';

test('every number comes back to the bit, in arrays and alone', () => {
  fc.assert(
    fc.property(fc.float64Array(), fc.double(), fc.string(), (values, single, text) => {
      const record = { values, single, text, list: [null, true, single], nested: { values } };
      assert.deepStrictEqual(parseExact(formatExact(record)), record);
    }),
  );
  const special = Float64Array.of(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 1 / 3);
  const back = parseExact(formatExact({ special, zero: -0, none: Number.NEGATIVE_INFINITY }));
  assert.deepStrictEqual(back, { special, zero: -0, none: Number.NEGATIVE_INFINITY });
});

test('what is undefined is left out, and what is no plain data is refused', () => {
  assert.deepEqual(parseExact(formatExact({ a: undefined, b: 1 })), { b: 1 });
  assert.throws(() => formatExact({ f: () => 1 }), TypeError);
});
