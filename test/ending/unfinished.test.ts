import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryShort } from '../../src/base/memory.js';
import { stopAfter, TimeSpent } from '../../src/base/stop.js';
import { failed } from '../../src/ending/outcome.js';
import { besideUnfinished, endEarly, limitTime } from '../../src/ending/unfinished.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { openRegister } from '../../src/expand/register.js';
import { TooFewSamples } from '../../src/expand/search.js';
import { loadKernels } from '../../src/kernels/load.js';
import { resolveOptions } from '../../src/options.js';
import { type Found, foundEvidence, watch } from '../../src/problem/watch.js';
import { BudgetSpent, meterTarget } from '../../src/query/oracle.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { Network } from '../../src/records.js';
import type { Phase, RecoverEvent, Recovery } from '../../src/recovery.js';
import { triedDeep, triedStudent } from './tried-students.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };
const oracle = meterTarget((_, count) => new Float64Array(count), 2, Number.POSITIVE_INFINITY);
const source = queriesAsSource(oracle, 0);
const settings = resolveOptions({ inputDimension: 2 });

/** What is watched after these events. */
function watchedAfter(events: readonly RecoverEvent[]) {
  const watched = watch(environment);
  for (const event of events) watched.environment.onEvent?.(event);
  return watched;
}

/** A journal in which nothing stands. */
const nothingFound = () => ({
  ...{ found: {}, register: openRegister(), watched: watchedAfter([]), judged: undefined },
});

/** A student that was tried before, and those of a wave that is not over. */
const studentsOf = (events: readonly RecoverEvent[]) => ({
  students: [triedStudent(0, 4, 4e-3)],
  underWay: events.flatMap((event) => (event.kind === 'student' ? [event.student] : [])),
});

const enter = (phase: Phase): RecoverEvent => ({ kind: 'phase', phase });
const wave = (width: number, widths?: readonly number[]): RecoverEvent => ({
  kind: 'wave',
  width,
  ...(widths && { widths }),
  spread: 2,
  students: 4,
});
const told = (index: number): RecoverEvent => ({ kind: 'student', student: triedStudent(index, 8, 1e-3) });
const trace: RecoverEvent = { kind: 'trace', layer: 2, neurons: 5 };

describe('what is under way and what comes next', () => {
  const cases: {
    readonly name: string;
    readonly events: readonly RecoverEvent[];
    readonly depth?: number;
    readonly underWay: RegExp;
    readonly next: RegExp;
  }[] = [
    {
      name: 'before anything',
      events: [],
      underWay: /first queries/,
      next: /^students with one hidden layer$/,
    },
    {
      name: 'queries',
      events: [enter('query')],
      underWay: /first queries/,
      next: /^students with one hidden/,
    },
    {
      name: 'the search begins',
      events: [enter('query'), enter('expand')],
      underWay: /^a look at the far field$/,
      next: /^students$/,
    },
    {
      name: 'a wave',
      events: [enter('expand'), wave(8), told(0)],
      underWay: /^students of 8 neurons on queries of spread 2$/,
      next: /^wider ones and other spreads, and networks with more hidden layers$/,
    },
    {
      name: 'a wave, where one hidden layer was asked for',
      events: [enter('expand'), wave(8)],
      depth: 1,
      underWay: /^students of 8 neurons/,
      next: /^wider ones and other spreads$/,
    },
    {
      name: 'a wave of deep students after others',
      events: [enter('expand'), wave(8), told(0), wave(12, [12, 6])],
      underWay: /^students of 12-6 neurons on queries of spread 2$/,
      next: /^wider and deeper ones$/,
    },
    {
      name: 'neurons are followed',
      events: [enter('expand'), wave(8), told(0), trace],
      underWay: /neurons of hidden layer 2 in the far field, of which 5 are found$/,
      next: /^students behind them$/,
    },
    {
      name: 'students behind what was followed',
      events: [enter('expand'), trace, wave(6), told(3)],
      underWay: /^students of 6 neurons/,
      next: /^wider ones/,
    },
    {
      name: 'clustering',
      events: [enter('expand'), wave(8), enter('cluster')],
      underWay: /^the clustering of students at the floor$/,
      next: /reconstruction/,
    },
    {
      name: 'reconstruction',
      events: [enter('cluster'), enter('reconstruct')],
      underWay: /reconstruction/,
      next: /^the last descent and the certificate$/,
    },
    { name: 'polish', events: [enter('polish')], underWay: /^the last descent$/, next: /^the certificate$/ },
    { name: 'certificate', events: [enter('certify')], underWay: /^the certificate$/, next: /^the verdict$/ },
  ];
  for (const { name, events, depth = 'auto', underWay, next } of cases) {
    test(name, () => {
      const doing = watchedAfter(events).doing(depth);
      assert.match(doing.underWay, underWay);
      assert.match(doing.next, next);
    });
  }
});

test('who watches passes every event on, in order', () => {
  const seen: RecoverEvent[] = [];
  const watched = watch({ ...environment, onEvent: (event) => seen.push(event) });
  const events = [enter('query'), enter('expand'), wave(8), told(0), trace];
  for (const event of events) watched.environment.onEvent?.(event);
  assert.deepEqual(seen, events);
});

const network: Network = {
  activation: 'tanh',
  slope: 0,
  layers: [
    { inputs: 2, outputs: 3, weights: new Float64Array(6), biases: new Float64Array(3) },
    { inputs: 3, outputs: 1, weights: new Float64Array(3), biases: new Float64Array(1) },
  ],
};

describe('how a recovery ends early', () => {
  const spent = new TimeSpent(5);
  const budget = new BudgetSpent(100, 90, 20);
  const few = new TooFewSamples(
    'students of width 8 need 40 or more to learn from, and 30 are left for that',
  );
  const searching = [enter('expand'), wave(8), told(1)];
  const tried =
    '2 students with one hidden layer of up to 8 neurons (the best, 8 tanh neurons, left 5.0e-4 of the variance)';
  const cases: {
    readonly name: string;
    readonly error: Error;
    readonly found: Found;
    readonly events: readonly RecoverEvent[];
    readonly reason: string;
    readonly why?: 'time' | 'memory' | 'budget';
  }[] = [
    {
      name: 'too few data',
      error: few,
      found: { variance: 2 },
      events: searching,
      reason: `the data are too few: ${few.message}`,
    },
    {
      name: 'the budget is spent, nothing found',
      error: budget,
      found: {},
      events: [enter('query')],
      reason: 'the query budget is too small: 20 more queries are needed, 90 of the budget of 100 are spent',
      why: 'budget',
    },
    {
      name: 'the budget is spent before the certificate',
      error: budget,
      found: { network, loss: 1e-20, variance: 2 },
      events: [enter('certify')],
      reason:
        'the query budget is too small: 20 more queries are needed, 90 of the budget of 100 are spent; the network that was found so far is not certified',
      why: 'budget',
    },
    {
      name: 'the time is spent in a wave',
      error: spent,
      found: { variance: 2 },
      events: searching,
      reason: `the time is spent: 5 seconds were allowed; tried so far: ${tried}; under way: students of 8 neurons on queries of spread 2; next: wider ones and other spreads, and networks with more hidden layers`,
      why: 'time',
    },
    {
      name: 'the memory is too small for a wave',
      error: new MemoryShort('students of 8 neurons', 3e9, 1.25e9),
      found: { variance: 2 },
      events: searching,
      reason: `the memory is too small: students of 8 neurons need 3.0 GB, and 1.3 GB are free; tried so far: ${tried}; under way: students of 8 neurons on queries of spread 2; next: wider ones and other spreads, and networks with more hidden layers`,
      why: 'memory',
    },
    {
      name: 'the time is spent before the certificate',
      error: new TimeSpent(1),
      found: { network, variance: 2 },
      events: [...searching, enter('certify')],
      reason: `the time is spent: 1 second was allowed; the network that was found so far is not certified; tried so far: ${tried}; under way: the certificate; next: the verdict`,
      why: 'time',
    },
  ];
  for (const { name, error, found, events, reason, why } of cases) {
    test(name, () => {
      const recovery = endEarly(
        error,
        {
          found,
          register: { ...openRegister(), ...studentsOf(events) },
          watched: watchedAfter(events),
          judged: undefined,
        },
        settings,
        source,
      );
      assert.equal(recovery.verdict, 'failed');
      const told = events.filter(({ kind }) => kind === 'student').length;
      assert.equal(recovery.evidence.students.length, 1 + told);
      assert.equal(recovery.evidence.unfinished?.why, why);
      assert.equal(recovery.reason, reason);
      assert.equal(recovery.network, found.network ?? null);
      assert.equal(recovery.loss, found.loss ?? null);
      assert.deepEqual(recovery.widths, found.network ? [3] : []);
    });
  }

  test('the time is spent where nothing was tried', () => {
    const { reason, evidence } = endEarly(spent, nothingFound(), settings, source);
    assert.match(reason, /; tried so far: no students; under way: the first queries/);
    assert.doesNotMatch(reason, /found so far/);
    assert.deepEqual(evidence.students, []);
  });

  test('a network that was judged while the search went on keeps its verdict', () => {
    const reached = failed('3 hidden neurons imitate the target', source, {
      options: settings,
      students: [],
      deletions: [],
    });
    const judged: Recovery = { ...reached, verdict: 'imitated', widths: [3] };
    const register = { ...openRegister(), students: [triedStudent(0, 4, 4e-3)] };
    const journal = { ...nothingFound(), register, judged };
    const { verdict, reason, widths, evidence } = endEarly(spent, journal, settings, source);
    assert.deepEqual([verdict, widths, evidence.deletions], ['imitated', [3], []]);
    assert.match(reason, /^3 hidden neurons imitate the target; whether another .* as the time is spent: /);
    assert.equal(evidence.students.length, 1);
    assert.equal(evidence.unfinished?.why, 'time');
  });

  test('any other error is passed on', () => {
    const error = new Error('a defect');
    assert.throws(() => endEarly(error, nothingFound(), settings, source), error);
  });
});

test('what was found goes with it, layers only where there are any', () => {
  const layers = [{ how: 'far field', neurons: 3, lines: 9, inspected: 4 }] as const;
  assert.deepEqual(foundEvidence({ evidence: { quanta: Float64Array.of(1) }, layers: [] }), {
    quanta: Float64Array.of(1),
  });
  assert.deepEqual(foundEvidence({ layers }), { layers });
  assert.deepEqual(foundEvidence({ layers: undefined }), {});
  const found = { layers, evidence: { deletions: [] } };
  const students = [triedDeep(0, [4, 3], 1e-3)];
  const register = { ...openRegister(), students };
  const journal = { found, register, watched: watchedAfter([]), judged: undefined };
  const { evidence } = endEarly(new TimeSpent(1), journal, settings, source);
  assert.deepEqual([evidence.layers, evidence.deletions, evidence.options], [layers, [], settings]);
});

test('a limit on time stops training, and whatever stopped before still does', async () => {
  const outer = stopAfter(Number.POSITIVE_INFINITY);
  const free = limitTime({ ...environment, stop: outer }, 1000);
  free.stop.check();
  assert.deepEqual(await free.fitter.fit([]), []);
  const late = limitTime(environment, 1e-9);
  await assert.rejects(late.fitter.fit([]), TimeSpent);
  assert.throws(() => late.stop.check(), /1e-9 seconds were allowed/);
  const stopped = {
    ...outer,
    check() {
      throw new Error('stopped outside');
    },
  };
  assert.throws(() => limitTime({ ...environment, stop: stopped }, 1000).stop.check(), /stopped outside/);
});

test('what was judged first says that a search around other inputs has not ended', () => {
  const { evidence } = failed('none', source, { options: settings, students: [] });
  const first: Recovery = {
    ...failed('2 hidden neurons imitate the target', source, { options: settings, students: [] }),
    verdict: 'imitated',
  };
  const unfinished = { why: 'time', underWay: 'training', next: 'a wider wave' } as const;
  const second = {
    ...failed('the time is spent', source, { options: settings, students: [] }),
    evidence: { ...evidence, unfinished },
  };
  assert.equal(besideUnfinished(first, { ...second, evidence }), first);
  const both = besideUnfinished(first, second);
  assert.equal(both.verdict, 'imitated');
  assert.match(both.reason, /imitate the target; .* around other inputs stays open, as the time is spent$/);
  assert.equal(both.evidence.unfinished, unfinished);
});
