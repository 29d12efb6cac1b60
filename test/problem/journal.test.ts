import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { resolveOptions } from '../../src/options.js';
import { openJournal } from '../../src/problem/journal.js';
import type { RecoverEvent } from '../../src/recovery.js';

const kernels = loadKernels();
const options = resolveOptions({ inputDimension: 2 });

/** An empty journal, and what it tells. */
function opened() {
  const told: RecoverEvent[] = [];
  const environment = { kernels, fitter: createInlineFitter(kernels) };
  const journal = openJournal(options, { ...environment, onEvent: (event) => told.push(event) });
  return { journal, phases: () => told.flatMap((event) => (event.kind === 'phase' ? [event.phase] : [])) };
}

test('a step is told when it begins, and not again while it goes on', () => {
  const { journal, phases } = opened();
  for (const phase of ['expand', 'expand', 'cluster', 'expand', 'expand'] as const) journal.enter(phase);
  assert.deepEqual(phases(), ['expand', 'cluster', 'expand']);
});

test('evidence is what was written down last, with how layers were found where the target is deep', () => {
  const { journal } = opened();
  assert.deepEqual(journal.evidence(), { options, students: journal.register.students });
  const quanta = Float64Array.of(1);
  journal.note({ options, quanta, students: [] }, true);
  assert.equal(journal.evidence().layers, undefined, 'none was found yet');
  const layer = { how: 'far field', neurons: 3, lines: 9, inspected: 4 } as const;
  journal.layers.push(layer);
  assert.deepEqual(journal.evidence().layers, [layer]);
  journal.note({ options, deletions: [], students: [] }, false);
  const { layers, deletions, quanta: before } = journal.evidence();
  assert.deepEqual([layers, deletions, before], [undefined, [], undefined]);
});

test('what was tried without success is evidence, with the races that were lost meanwhile', () => {
  const { journal } = opened();
  const race = { widths: [4, 3], spread: 2, students: 8, activations: ['relu', 'tanh'], loss: 0.1 } as const;
  assert.equal('tried' in journal.evidence(), false);
  journal.lost(race);
  journal.lost({ ...race, loss: 0.2 });
  journal.tried({ what: 'one', queries: 3, students: 0 });
  journal.tried({ what: 'two', queries: 0, students: 4, why: 'no network' });
  assert.deepEqual(journal.evidence().tried, [
    { what: 'one', queries: 3, students: 0, races: [race, { ...race, loss: 0.2 }] },
    { what: 'two', queries: 0, students: 4, why: 'no network' },
  ]);
});

test('a network and the variance are kept for a try that ends early', () => {
  const { journal } = opened();
  const network = { activation: 'tanh', slope: 0, layers: [] } as const;
  journal.measured(2);
  journal.keep(network, 1e-9);
  assert.deepEqual(journal.found, { variance: 2, network, loss: 1e-9 });
});
