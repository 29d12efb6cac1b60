import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Find, type Finding, found, foundIfIdentified } from '../../src/agenda/finding.js';
import { firstLayersFinding, layersFinding } from '../../src/agenda/layers-finding.js';
import type { Verdict } from '../../src/certify/certificate.js';
import type { DeepFind } from '../../src/deep/search-surfaces.js';
import { failed } from '../../src/ending/outcome.js';
import { resolveOptions } from '../../src/options.js';
import type { Source } from '../../src/query/source.js';
import type { Recovery } from '../../src/recovery.js';

const options = resolveOptions({ inputDimension: 2 });

/** A recovery of which the verdict alone matters. */
const recoveryOf = (verdict: Verdict): Recovery => ({
  ...failed('', { queries: 0 } as Source, { options, students: [] }),
  verdict,
});
const identified = recoveryOf('identified');
const imitated = recoveryOf('imitated');

const deep = { kind: 'deep' } as DeepFind;
const whole = { kind: 'whole' } as Find;

/** What a finding means for the search once its find came to a result. */
const judged = (finding: Finding, result: Recovery | string) =>
  finding.kind === 'found' ? finding.judged(result) : finding;

test('a find ends the search with whatever verdict, but not where it becomes no network', () => {
  assert.deepEqual(judged(found(whole), imitated), { kind: 'recovery', recovery: imitated });
  assert.deepEqual(judged(found(whole), 'why'), { kind: 'nothing', learnt: { failure: 'why' } });
});

test('a find that may stand in for another network ends the search where it is identified alone', () => {
  const finding = foundIfIdentified(whole);
  assert.deepEqual(judged(finding, identified), { kind: 'recovery', recovery: identified });
  assert.deepEqual(judged(finding, imitated), { kind: 'nothing' });
  assert.deepEqual(judged(finding, 'why'), { kind: 'nothing' });
  const learning = foundIfIdentified(whole, (result) => ({ kind: 'nothing', learnt: { nearest: result } }));
  assert.deepEqual(judged(learning, imitated), { kind: 'nothing', learnt: { nearest: imitated } });
});

describe('layer after layer', () => {
  test('layers end the search with any verdict; that they are no network says that there are several', () => {
    const finding = layersFinding(deep);
    assert.deepEqual(judged(finding, imitated), { kind: 'recovery', recovery: imitated });
    assert.deepEqual(judged(finding, 'why'), { kind: 'nothing', learnt: { isDeep: true, failure: 'why' } });
  });

  test('of the first part what is not identified is kept for later', () => {
    const finding = firstLayersFinding(deep);
    assert.deepEqual(judged(finding, identified), { kind: 'recovery', recovery: identified });
    const kept = { kind: 'recovery', recovery: imitated };
    assert.deepEqual(judged(finding, imitated), { kind: 'nothing', learnt: { kept } });
    assert.deepEqual(judged(finding, 'why'), { kind: 'nothing', learnt: { isDeep: true, failure: 'why' } });
  });

  test('surfaces of deeper layers alone say that there are several, and the search goes on', () => {
    const learnt = { isDeep: true };
    for (const finding of [layersFinding, firstLayersFinding]) {
      assert.deepEqual(finding({ kind: 'none', isDeep: true }), { kind: 'nothing', learnt });
      assert.deepEqual(finding({ kind: 'none', isDeep: false }), { kind: 'nothing' });
    }
  });
});
