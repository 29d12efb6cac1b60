import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { InputError } from '../../src/base/errors.js';
import { activationNames } from '../../src/network/activations.js';
import {
  defaultSettings,
  fromLink,
  largestDrawn,
  type PlaygroundSettings,
  toLink,
} from '../../src/playground/settings.js';

const activation = fc.constantFrom(...activationNames);
const settings: fc.Arbitrary<PlaygroundSettings> = fc.record({
  choice: fc.oneof(
    fc.record({ kind: fc.constant('example' as const), name: fc.string({ minLength: 1 }) }),
    fc.record({
      kind: fc.constant('drawn' as const),
      drawn: fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: largestDrawn.width }), {
          minLength: 3,
          maxLength: largestDrawn.layers,
        }),
        activation,
        seed: fc.nat(),
      }),
    }),
  ),
  activation: fc.oneof(fc.constant('auto' as const), activation),
  depth: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 4 })),
  seed: fc.nat(),
  budget: fc.option(fc.integer({ min: 1, max: 1e9 })),
  width: fc.option(fc.integer({ min: 1, max: 256 })),
});

test('a link holds all settings', () => {
  fc.assert(
    fc.property(settings, (one) => assert.deepEqual(fromLink(`#${toLink(one)}`), structuredClone(one))),
  );
});

test('what a link does not say is the default, and what is wrong in it is told in one sentence', () => {
  assert.deepEqual(fromLink(''), defaultSettings);
  assert.deepEqual(fromLink('#seed=7'), { ...defaultSettings, seed: 7 });
  const wrong: [string, RegExp][] = [
    ['seed=-1', /^seed is '-1', expected an integer of at least 0$/],
    ['depth=9', /^depth is '9', expected an integer from 1 to 4$/],
    ['activation=cos', /cos/],
    ['draw=2-3', /^the sizes are '2-3', expected 3 to 5 numbers/],
    ['draw=2-999-1', /from 1 to 64/],
    ['width=0', /^width is '0'/],
    ['budget=many', /^budget is 'many'/],
  ];
  for (const [link, words] of wrong) {
    assert.throws(
      () => fromLink(link),
      (error: Error) => error instanceof InputError && words.test(error.message),
      link,
    );
  }
});
