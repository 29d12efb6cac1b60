import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findContractedLater,
  findLayers,
  isBoundedFarOut,
  mayBeginNarrow,
  mayBeMixed,
  mayHidePath,
  mayLackPath,
} from '../../src/agenda/finders.js';
import type { Finding } from '../../src/agenda/finding.js';
import {
  goesOn,
  isUntried,
  isWantedDeep,
  type Prospects,
  prospectsBefore,
  trainsFirstWaves,
} from '../../src/agenda/prospects.js';
import { mayBeResidual } from '../../src/agenda/residual-finders.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type RecoverOptions, resolveOptions } from '../../src/options.js';
import { openAttempt } from '../../src/problem/problem.js';
import { triedStudent } from '../ending/tried-students.js';

const kernels = loadKernels();

interface Known {
  readonly options?: Partial<RecoverOptions>;
  readonly seesFar?: boolean;
  readonly look?: Prospects['look'];
  readonly brief?: boolean;
  readonly more?: Partial<Prospects>;
}

/** What may be found of a target of two inputs whose outputs vary by 1, where no more than this is known of it. */
function prospectsOf({ options = {}, seesFar = true, look, brief = false, more = {} }: Known): Prospects {
  const settings = resolveOptions({ inputDimension: 2, ...options });
  const attempt = openAttempt(settings, { kernels, fitter: createInlineFitter(kernels), brief });
  const problem = { source: { seesFar }, statistics: { scaledVariance: 1 } };
  const never = async () => assert.fail('nothing is trained');
  return {
    search: { problem, attempt },
    look,
    mayBeShallow: true,
    mayBeDeep: false,
    contraction: { first: never, rest: never },
    layers: { first: never, rest: never },
    ...more,
  } as unknown as Prospects;
}

const grows = { grows: true, activation: undefined };
const bounded = { grows: false, activation: undefined };

test('bounded neurons may hide behind a path where the target grows without bends, or they are told', () => {
  assert.equal(mayHidePath(prospectsOf({ look: grows })), true);
  assert.equal(mayHidePath(prospectsOf({ look: { ...grows, activation: 'relu' } })), false);
  assert.equal(mayHidePath(prospectsOf({ look: bounded })), false);
  assert.equal(mayHidePath(prospectsOf({ options: { activation: 'tanh' } })), true);
  assert.equal(mayHidePath(prospectsOf({ options: { activation: 'relu' } })), false);
  assert.equal(mayHidePath(prospectsOf({})), false);
});

test('a weak path may be missing where bounded students of one layer left hardly anything', () => {
  const after = (loss: number, activation: 'tanh' | 'relu', peeled = 0) => {
    const prospects = prospectsOf({});
    const student = { ...triedStudent(0, 4, loss, activation), peeled };
    prospects.search.attempt.journal.register.add([student], () => student);
    return mayLackPath(prospects);
  };
  assert.equal(mayLackPath(prospectsOf({})), false);
  assert.equal(after(1e-11, 'tanh'), true);
  assert.equal(after(1e-9, 'tanh'), false, 'that is more than hardly anything');
  assert.equal(after(1e-11, 'relu'), false, 'what grows has its path');
  assert.equal(after(1e-11, 'tanh', 1), false, 'behind a known layer');
});

test('several activations may be where none is told or shown alone, in two layers', () => {
  assert.equal(mayBeMixed(prospectsOf({})), true);
  assert.equal(mayBeMixed(prospectsOf({ options: { depth: 2 } })), true);
  for (const options of [{ depth: 1 }, { depth: 3 }, { activation: 'tanh' }] as const) {
    assert.equal(mayBeMixed(prospectsOf({ options })), false);
  }
  assert.equal(mayBeMixed(prospectsOf({ seesFar: false })), false);
  assert.equal(mayBeMixed(prospectsOf({ brief: true })), false);
  const shown = { grows: true, activation: 'relu' } as const;
  assert.equal(mayBeMixed(prospectsOf({ look: shown })), false, 'bends show one activation alone');
  assert.equal(mayBeMixed(prospectsOf({ look: { ...shown, isMixed: true } })), true);
});

test('a target is bounded far out as the look tells, or else the activation that is told', () => {
  assert.equal(isBoundedFarOut(prospectsOf({ look: bounded })), true);
  assert.equal(isBoundedFarOut(prospectsOf({ look: grows, options: { activation: 'tanh' } })), false);
  assert.equal(isBoundedFarOut(prospectsOf({ options: { activation: 'tanh' } })), true);
  assert.equal(isBoundedFarOut(prospectsOf({})), false);
});

test('several layers are wanted where they are told, or were seen', () => {
  assert.equal(isWantedDeep(prospectsOf({}), { isDeep: false }), false);
  assert.equal(isWantedDeep(prospectsOf({}), { isDeep: true }), true);
  assert.equal(isWantedDeep(prospectsOf({ options: { depth: 2 } }), { isDeep: false }), true);
  assert.equal(isWantedDeep(prospectsOf({ options: { depth: 1 } }), { isDeep: true }), false);
  assert.equal(mayBeResidual(prospectsOf({ options: { depth: 1 } })), false);
  assert.equal(mayBeResidual(prospectsOf({})), true);
});

test('what was not tried with one hidden layer is tried where several may be', () => {
  assert.equal(isUntried(prospectsOf({})), false);
  assert.equal(isUntried(prospectsOf({ more: { mayBeDeep: true } })), true);
  assert.equal(isUntried(prospectsOf({ more: { mayBeShallow: false }, options: { depth: 2 } })), true);
  assert.equal(goesOn(prospectsOf({ more: { waves: { first: 6, turn: 3, beside: 6 } } })), true);
  assert.equal(goesOn(prospectsOf({ more: { waves: { first: 2, turn: 2, beside: 4 } } })), false);
});

test('what was kept of layer after layer comes back, and what came near to the floor is not contracted again', async () => {
  const kept = { kind: 'end', why: 'deeper' } as const;
  const finding: Finding = await findLayers(prospectsOf({}), { isDeep: true, kept });
  assert.equal(finding, kept);
  const later = await findContractedLater(prospectsOf({}), { isDeep: false, nearest: 'no network' });
  assert.deepEqual(later, { kind: 'nothing' });
});

test('students on narrow queries come first where a head hides the far field', () => {
  const behind = (part: object, more: Known = {}) => {
    const prospects = prospectsOf({ seesFar: false, ...more });
    Object.assign(prospects.search.problem.source, { reach: Number.POSITIVE_INFINITY, ...part });
    return prospects;
  };
  const head = {};
  assert.equal(mayBeginNarrow(behind({ head })), true);
  assert.equal(mayBeginNarrow(behind({ head }, { options: { depth: 2 } })), true);
  assert.equal(mayBeginNarrow(behind({})), false, 'no head');
  assert.equal(mayBeginNarrow(behind({ head, seesFar: true })), false, 'the far field is seen');
  assert.equal(mayBeginNarrow(behind({ head, reach: 0 })), false, 'given pairs');
  assert.equal(mayBeginNarrow(behind({ head, grid: {} })), false, 'on a grid');
  assert.equal(mayBeginNarrow(behind({ head }, { brief: true })), false, 'a short try');
  for (const depth of [1, 3])
    assert.equal(mayBeginNarrow(behind({ head }, { options: { depth } })), false, `${depth} layers`);
});

test('of what likely grows the bounded activations come last, and first waves are trained once', () => {
  const settings = resolveOptions({ inputDimension: 2 });
  const likelyOf = (source: object, around: object = {}) => {
    const attempt = openAttempt(settings, { kernels, fitter: createInlineFitter(kernels), ...around });
    const task = { inputs: 2, tolerances: { training: 0 } };
    const problem = { source, task, accuracy: { relativeError: 1e-7 }, statistics: {} };
    const prospects = prospectsBefore(problem as never, attempt);
    const names = (candidates: Prospects['likely']['all']) => candidates.map(({ trained }) => trained);
    const { early, later, all } = prospects.likely;
    return { early: names(early), later: names(later), all: names(all), prospects };
  };
  const unknown = likelyOf({ seesFar: false });
  const growing = likelyOf({ seesFar: false, grows: true });
  assert.deepEqual(growing.early, ['relu', 'softplus', 'gelu', 'silu', 'elu', 'g']);
  assert.equal(growing.later.includes('arctan'), false);
  assert.deepEqual(growing.all.slice(0, 6), growing.early);
  assert.deepEqual([...growing.all].sort(), [...unknown.all].sort(), 'none is left out');
  assert.equal(growing.prospects.search.grows, true);
  assert.equal(unknown.prospects.search.grows, undefined);
  assert.equal(trainsFirstWaves(unknown.prospects), true);
  assert.equal(trainsFirstWaves(likelyOf({ seesFar: false }, { again: true }).prospects), false);
});
