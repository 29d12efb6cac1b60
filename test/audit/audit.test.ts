import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakingOutcome, outcomeOf, parseFailRule } from '../../src/audit/fail-rule.js';
import { planLadder } from '../../src/audit/ladder.js';
import { costOf, measure } from '../../src/audit/measure.js';
import { toJUnit, toSarif } from '../../src/audit/pipelines.js';
import type { Audit, Outcome } from '../../src/audit/run-audit.js';
import { asAnswered, probabilities } from '../../src/audit/views.js';
import { describeAudit, isTaken } from '../../src/audit/words.js';
import { InputError } from '../../src/base/errors.js';
import { forward } from '../../src/network/forward.js';
import { plainHead } from '../../src/network/head.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const known = { deviations: Float64Array.of(1), pairs: 0, head: 'unknown' as const };

const ids = (outputs: number, more = {}, options = {}) =>
  planLadder({ ...known, outputs, ...more }, { budget: 100_000, defend: false, ...options }).map(
    ({ view, access, budget }) => `${view.id} ${access} ${budget}`,
  );

test('the ladder: what is seen, then traffic, then queries; probabilities where a softmax may be left out', () => {
  assert.deepEqual(ids(1), [
    ...['float64', 'float32', '6-decimals', '4-decimals', '3-decimals', '2-decimals'].map(
      (id) => `${id} queries 100000`,
    ),
    ...['float64', 'float32'].flatMap((id) => [100, 1000, 10_000].map((n) => `${id} queries ${n}`)),
  ]);
  assert.ok(ids(3).includes('probabilities queries 100000'));
  assert.ok(!ids(3, { head: 'probabilities' }).some((id) => id.startsWith('probabilities')));
  assert.deepEqual(
    ids(1, { pairs: 80 }).filter((id) => / (pairs|bounds 100000)/.test(id)),
    [
      ...['float64 bounds 100000', 'float64 pairs 80', 'float32 bounds 100000', 'float32 pairs 80'],
      // what shows less is attacked in the likeliest way alone
      ...['6-decimals', '4-decimals', '3-decimals', '2-decimals'].map((id) => `${id} bounds 100000`),
    ],
  );
  // a rule adds its own rung, and a small budget leaves out what is beyond it
  assert.ok(ids(1, {}, { asked: { view: '3-decimals', queries: 500 } }).includes('3-decimals queries 500'));
  assert.deepEqual(
    ids(1, {}, { budget: 1000 }).filter((id) => id.startsWith('float32')),
    ['float32 queries 1000', 'float32 queries 100'],
  );
});

test('of a truth that ends in a softmax of two, both ways of writing it are found', () => {
  const network = { ...randomNetwork('tanh', [3, 4, 2]), head: plainHead('softmax') };
  const [hidden, { inputs: m, weights, biases }] = network.layers;
  const inputs = normalInputs(200, 3);
  const model = { network, unreadable: null, inputs, answers: forward(network, inputs, 200), count: 200 };
  const row = Array.from({ length: m }, (_, i) => weights[i] - weights[m + i]);
  const sigmoids = {
    ...network,
    layers: [
      hidden,
      {
        ...{ inputs: m, outputs: 2 },
        weights: Float64Array.of(...row, ...row.map((w) => -w)),
        biases: Float64Array.of(biases[0] - biases[1], biases[1] - biases[0]),
      },
    ],
    head: plainHead('sigmoid'),
  };
  for (const found of [network, sigmoids]) {
    const { neurons, weightError, functionError } = measure(found, model, asAnswered);
    assert.deepEqual(neurons, { recovered: 4, of: 4 });
    assert.ok(weightError! < 1e-14 && functionError! < 1e-14, `${weightError} ${functionError}`);
  }
});

test('a network is measured against the model: itself is all of it, half of it half, none nothing', () => {
  const network = randomNetwork('tanh', [3, 4, 2]);
  const inputs = normalInputs(200, 3);
  const answers = forward(network, inputs, 200);
  const model = { network, unreadable: null, inputs, answers, count: 200 };
  const all = measure(network, model, asAnswered);
  assert.deepEqual(all, { neurons: { recovered: 4, of: 4 }, weightError: 0, functionError: 0 });
  const [hidden, output] = network.layers;
  const half = {
    ...network,
    layers: [
      { ...hidden, outputs: 2, weights: hidden.weights.slice(0, 6), biases: hidden.biases.slice(0, 2) },
      { ...output, inputs: 2, weights: Float64Array.of(0, 1, 4, 5).map((i) => output.weights[i]) },
    ],
  };
  assert.deepEqual(measure(half, model, asAnswered).neurons, { recovered: 2, of: 4 });
  assert.deepEqual(measure(null, model, asAnswered), {
    neurons: { recovered: 0, of: 4 },
    weightError: null,
    functionError: null,
  });
  // through a softmax, the network that was found ends in one, and what all logits share is not known
  const shifted = {
    ...network,
    head: plainHead('softmax'),
    layers: [hidden, { ...output, biases: output.biases.map((b) => b + 5) }],
  };
  const seen = measure(shifted, model, probabilities);
  assert.deepEqual(seen.neurons, { recovered: 4, of: 4 });
  assert.ok(seen.functionError! < 1e-14);
});

test('what a view costs honest users: the change of the answers and of the decisions', () => {
  const answers = Float64Array.of(1, 2, 4, 3, 0, 5);
  const seen = Float64Array.of(2, 1, 4, 3, 0, 5);
  // the deviations are √(26/9) and √(14/9), so the sum over three rows is 40/3
  const { change, decisionsChanged } = costOf(seen, answers, 3);
  assert.ok(Math.abs(change - Math.sqrt(2 / (40 / 3))) < 1e-15, String(change));
  assert.equal(decisionsChanged, 1 / 3);
  assert.equal(costOf(answers, answers, 6).decisionsChanged, null);
});

const outcome = (more: Partial<Outcome>): Outcome => ({
  ...{
    id: 'float64,100000',
    view: 'float64',
    name: 'float64',
    access: 'queries',
    part: 'ladder',
    budget: 100_000,
  },
  ...{ verdict: 'identified', reason: 'because', activation: 'tanh', widths: [4], queries: 3300, seconds: 1 },
  ...{ neurons: { recovered: 4, of: 4 }, weightError: 1e-15, functionError: 1e-16 },
  ...{ endedBy: null, isSameRun: false, price: null, honest: null },
  ...more,
});
const small = outcome({
  ...{ id: 'float64,1000', budget: 1000, part: 'curve', verdict: 'failed', neurons: { recovered: 0, of: 4 } },
  ...{ weightError: null, functionError: null, queries: 944, endedBy: 'budget' },
});
const late = outcome({
  ...{ id: '2-decimals,100000', view: '2-decimals', name: '2 decimals', verdict: 'failed' },
  ...{ neurons: { recovered: 0, of: 4 }, weightError: null, functionError: null, endedBy: 'time' },
});
const audit: Audit = {
  outcomes: [outcome({}), late, small],
  unattempted: [{ id: 'labels', name: 'labels alone', reason: 'not attempted' }],
  unreadable: null,
  seconds: 3,
};

test('plain words say what would have stopped this attack, and that it is no proof against others', () => {
  const words = describeAudit(audit).join('\n');
  assert.match(words, /came away with 4 of 4 neurons/);
  assert.match(words, /a limit of 1,000 queries would have stopped it, .* and one of 100,000 would not/);
  assert.match(words, /Not the whole of it came out of 2 decimals/);
  assert.match(words, /no proof against others/);
  assert.match(words, /1 of 3 attacks ended when their time was over: with more time they may come further/);
  assert.match(words, /Not attempted, so nothing is said of it: labels alone/);
  // an attack that ran out of time was not stopped by its queries
  const slow = { ...small, endedBy: 'time' } as const;
  const untold = describeAudit({ ...audit, outcomes: [outcome({}), slow] }).join('\n');
  assert.match(untold, /no limit that was tried stopped it, down to 100,000/);
  const seen = ['a (b, c)', 'd', 'e'].map((name) => outcome({ name, view: name, id: name }));
  const several = describeAudit({ ...audit, outcomes: [outcome({}), ...seen] }).join('\n');
  assert.match(several, /taken from a \(b, c\), d and e too/);
  // a network with the answers is taken, whatever its verdict; a verdict alone is not
  const uncounted = { neurons: null, verdict: 'failed', endedBy: 'budget' } as const;
  assert.equal(isTaken(outcome({ ...uncounted, functionError: 1e-9 })), true);
  assert.equal(isTaken(outcome({ ...uncounted, functionError: 0.5 })), false);
  assert.equal(isTaken(outcome({ neurons: { recovered: 3, of: 4 }, functionError: 0.5 })), false);
  assert.equal(isTaken(outcome({ neurons: { recovered: 4, of: 4 }, functionError: 0.02 })), true);
  // asking within bounds has a paragraph of its own, with its own limits
  const inside = [outcome({}), small].map((one) => ({
    ...one,
    ...{ access: 'bounds' as const, name: 'float64, within the bounds of the data' },
  }));
  const pairs = outcome({ access: 'pairs', name: 'float64, from given pairs', budget: 80, queries: 0 });
  const unlucky = outcome({ verdict: 'failed', neurons: { recovered: 0, of: 4 }, functionError: null });
  const paragraphs = describeAudit({ ...audit, outcomes: [unlucky, ...inside, pairs] });
  assert.match(paragraphs[0], /^Whoever may ask 100,000 queries and sees .* 0 of 4 neurons [^.]*\.[^.]*\.$/);
  assert.match(
    paragraphs[1],
    /^Whoever may ask 100,000 queries within the bounds of the data and sees answers in float64 .* 4 of 4 .* a limit of 1,000 queries would have stopped it/,
  );
  assert.match(
    paragraphs[2],
    /^The 80 rows of the data with their answers in float64 alone give away 4 of 4/,
  );
  // a defence is told with what it costs, and so are roundings then
  const honest = { change: 0.01, decisionsChanged: 0.002 };
  const noise = outcome({ view: 'noise', name: 'noise', part: 'defence', queries: 6600, honest });
  const costs = describeAudit({ ...audit, outcomes: [outcome({}), { ...late, honest }, noise] }).join('\n');
  assert.match(costs, /With noise: 4 of 4 .*, after 6,600 queries, 2\.0 times those in float64\./);
  assert.match(costs, /With 2 decimals: .* changes honest answers by 1\.0e-2 of .* and 0\.20 % of decisions/);
  assert.match(costs, /asked 3,300 queries; under a limit of queries a day .* 33 under 100, 4 under 1,000/);
  assert.doesNotMatch(words, /With 2 decimals/, 'unless defences were asked for');
  assert.deepEqual(describeAudit({ ...audit, outcomes: [] }), [
    'Nothing was attacked: the time was over before the first attack.',
  ]);
});

test('--fail-if is read, or refused in one sentence, and holds for its verdict and better ones', () => {
  const rule = parseFailRule('imitated@float64,1e5');
  assert.deepEqual(rule, { verdict: 'imitated', view: 'float64', queries: 100_000 });
  assert.equal(parseFailRule('identified@3,1000').view, '3-decimals');
  assert.equal(outcomeOf(rule, audit), audit.outcomes[0]);
  assert.equal(breakingOutcome(rule, audit), audit.outcomes[0]);
  const only = (...outcomes: Outcome[]) => ({ ...audit, outcomes });
  const forbidden = parseFailRule('identified@float64,4000');
  // allowed 100,000, it needed 3,300: so it would with 4,000, within bounds as well, but not on another view
  assert.ok(breakingOutcome(forbidden, only(outcome({}))));
  assert.ok(breakingOutcome(forbidden, only(outcome({ access: 'bounds' }))));
  assert.equal(breakingOutcome(forbidden, only(outcome({ queries: 5000 }))), undefined);
  assert.equal(breakingOutcome(forbidden, only(outcome({ verdict: 'imitated' }), small)), undefined);
  assert.equal(breakingOutcome(forbidden, only(outcome({ view: 'float32' }))), undefined);
  assert.equal(breakingOutcome(forbidden, only(outcome({ access: 'pairs', queries: 0 }))), undefined);
  for (const wrong of [
    'failed@float64,10',
    'identified@float16,10',
    'identified@float32',
    'identified@float32,0',
  ])
    assert.throws(() => parseFailRule(wrong), InputError, wrong);
});

test('JUnit and SARIF: the forbidden attack is a failure, one without time is skipped', () => {
  const rule = parseFailRule('identified@float64,100000');
  const xml = toJUnit('a<b', audit, rule);
  assert.match(xml, /tests="4" failures="1" errors="0" skipped="2"/);
  assert.match(xml, /classname="a&lt;b" name="float64,100000" time="1"><failure /);
  assert.match(xml, /name="2-decimals,100000" time="1"><skipped /);
  assert.match(toJUnit('a', audit, undefined), /failures="0"/);
  const log = JSON.parse(toSarif('models/a b.onnx', '1.0', audit, rule));
  assert.equal(log.version, '2.1.0');
  const [{ results }] = log.runs;
  assert.deepEqual(
    results.map(({ level, ruleId }: { level: string; ruleId: string }) => [level, ruleId]),
    [['error', 'identified']],
  );
  assert.equal(results[0].locations[0].physicalLocation.artifactLocation.uri, 'models/a%20b.onnx');
});
