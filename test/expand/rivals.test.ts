import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesFor } from '../../src/expand/candidates.js';
import { chooseRivals } from '../../src/expand/rivals.js';
import type { ActivationName } from '../../src/network/activations.js';

/** The names that are tried and ruled out where `found` is the activation, and the far field told this. */
function chosen(
  found: ActivationName,
  look?: { grows: boolean; activation: ActivationName | undefined },
): { tried: ActivationName[]; ruledOut: ActivationName[] } {
  const candidates = candidatesFor('auto');
  const candidate = candidates.find(({ trained }) => trained === found)!;
  const { tried, ruledOut } = chooseRivals(candidates, { candidate, ...(look && { look }) });
  return { tried: tried.map((one) => one.trained), ruledOut: ruledOut.map((one) => one.trained) };
}

test('without a far field everything else is a rival', () => {
  const { tried, ruledOut } = chosen('gelu');
  const others = candidatesFor('auto').flatMap(({ trained }) => (trained === 'gelu' ? [] : [trained]));
  assert.deepEqual(tried, others);
  assert.deepEqual(ruledOut, []);
});

test('what grows is no rival of what stays bounded, and the other way round', () => {
  assert.deepEqual(chosen('tanh', { grows: false, activation: undefined }).tried, [
    'erf',
    'hardtanh',
    'arctan',
    'softsign',
    'sin',
  ]);
  const { tried, ruledOut } = chosen('selu', { grows: true, activation: undefined });
  assert.ok(['relu', 'elu', 'gelu_tanh', 'mish', 'hardswish'].every((name) => tried.includes(name as never)));
  assert.deepEqual(ruledOut, ['tanh', 'erf', 'hardtanh', 'arctan', 'softsign', 'sin']);
});

test('where the bends are the graph of what was found, those that are tried first remain', () => {
  const { tried } = chosen('silu', { grows: true, activation: 'silu' });
  assert.deepEqual(tried, ['relu', 'softplus', 'gelu', 'elu', 'g']);
});

test('a ReLU neuron is a clipped one whose other kink is out of sight, which says nothing', () => {
  assert.deepEqual(chosen('relu').ruledOut, ['hardtanh']);
  assert.ok(chosen('hardtanh').tried.includes('relu'));
});

test('a told member of a family is no rival of a network that is called by the name of another', () => {
  // deep students of sigmoid neurons are named sigmoid, and descend as what their family is trained as
  const candidate = { activation: 'sigmoid', trained: 'tanh', leaky: false } as const;
  assert.deepEqual(chooseRivals(candidatesFor('sigmoid'), { candidate }), { tried: [], ruledOut: [] });
  assert.deepEqual(
    chooseRivals(candidatesFor('erf'), { candidate }).tried.map(({ activation }) => activation),
    ['erf'],
  );
});
