import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { parseGrid } from '../../src/cli/grid-option.js';

test('--grid names inputs and the values that they take', () => {
  assert.deepEqual(parseGrid('0:int[0,5]; 1:0,0.5,1 ;2-4:onehot;6,8-9:[ -1 , 1]/0.25;7:3'), [
    { inputs: [0], from: 0, to: 5, step: 1 },
    { inputs: [1], values: [0, 0.5, 1] },
    { inputs: [2, 3, 4], oneHot: true },
    { inputs: [6, 8, 9], from: -1, to: 1, step: 0.25 },
    { inputs: [7], values: [3] },
  ]);
  assert.deepEqual(parseGrid('0:-1e-3, +.5'), [{ inputs: [0], values: [-1e-3, 0.5] }]);
  assert.deepEqual(parseGrid('3 - 4 : One-Hot'), [{ inputs: [3, 4], oneHot: true }]);
});

for (const wrong of [
  '',
  '0',
  ':onehot',
  '0:',
  '-1:onehot',
  '4-2:onehot',
  '0:int[0,1.5]',
  '0:int[0,5]/2',
  '0:[0,5]',
  '0:int[0,]',
  '0:0,,1',
  '0:0;',
  '0:one,two',
  '0:int(0,5)',
]) {
  test(`--grid '${wrong}' is refused with the rule that is wrong`, () => {
    const last = wrong.split(';').pop()!;
    assert.throws(
      () => parseGrid(wrong),
      (error) =>
        error instanceof InputError &&
        error.message.startsWith('--grid must be INPUTS:VALUES;… with int[lo,hi],') &&
        error.message.endsWith(`got '${last}'`),
    );
  });
}
