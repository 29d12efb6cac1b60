import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../../src/certify/certificate.js';
import { judge, leavesWeightsOpen, type SignsOutcome } from '../../src/certify/judge.js';

const unseen = {
  inputsWithoutInfluence: [],
  uncertain: [],
  alike: [],
  weak: [],
  hardlySwitching: [],
  equivalents: [],
};

/** A certificate to which nothing can be objected, with what a case changes of it. */
function certificate(changes: Partial<Certificate> = {}): Certificate {
  return {
    floor: 1e-30,
    loss: 5e-31,
    noise: 0,
    floorCause: 'rounding',
    slopeIsFitted: false,
    heldOut: {
      count: 1000,
      maxError: 1e-14,
      relativeError: 2e-16,
      floor: 3e-16,
      expected: 4e-16,
      allowed: 4e-15,
      errorQuantiles: new Float64Array(101),
      examples: { answers: new Float64Array(1), predictions: new Float64Array(1) },
    },
    region: { kind: 'distances', least: 0.1, most: 1e6, shells: [] },
    answers: {
      checked: 5000,
      given: 5100,
      contradicted: 0,
      largestError: 0,
      allowedError: 0,
      nearest: Number.POSITIVE_INFINITY,
    },
    identifiability: {
      parameters: 20,
      freeDirections: 0,
      fullRank: true,
      condition: 100,
      standardErrors: new Float64Array(20),
      largestRelativeError: 1e-15,
    },
    minimal: true,
    leastDeletionFactor: 1e20,
    unseen: [unseen],
    agreement: { students: 4, agreeing: 4 },
    ...changes,
  };
}

const whole = certificate();
const followed = { probes: 6, products: 900, mostCondition: 1e9, risk: 1e-6 };
const uncertain = (neuron: number, relativeError: number) => ({
  ...unseen,
  uncertain: [{ neuron, relativeError }],
});

/** Every outcome: what decides it, and the words that must tell. */
const cases: readonly {
  readonly name: string;
  readonly changes?: Partial<Certificate>;
  readonly signs?: SignsOutcome;
  readonly rivals?: readonly string[];
  readonly widths?: readonly number[];
  readonly verdict: 'identified' | 'imitated';
  readonly reason: RegExp;
}[] = [
  {
    name: 'everything holds',
    verdict: 'identified',
    reason: /^4 hidden neurons answer .* rounding .*none can be left out/,
  },
  { name: 'one neuron', widths: [1], verdict: 'identified', reason: /^1 hidden neuron answers held-out/ },
  {
    name: 'signs are told',
    signs: { kind: 'resolved' },
    verdict: 'identified',
    reason: /none can be left out/,
  },
  {
    name: 'a linear path',
    signs: { kind: 'linear-path' },
    verdict: 'imitated',
    reason: /linear path of its own/,
  },
  {
    name: 'signs are open',
    signs: { kind: 'ambiguous' },
    verdict: 'imitated',
    reason: /more than one choice of their signs/,
  },
  {
    name: 'a misfit a thousand times the rounding',
    changes: { loss: 1e-27 },
    verdict: 'imitated',
    reason: /1\.0e\+3 times what rounding explains, and a misfit is no rounding/,
  },
  {
    name: 'a misfit three times the noise',
    changes: { loss: 5e-6, floor: 1e-6, noise: 1e-6, floorCause: 'noise' },
    verdict: 'imitated',
    reason: /5\.0e\+0 times what noise explains/,
  },
  {
    name: 'held-out queries are missed',
    changes: { heldOut: { ...whole.heldOut, relativeError: 1e-14 } },
    verdict: 'imitated',
    reason:
      /relative error of 1\.0e-14 on held-out queries, but rounding and the weights' standard errors explain only 4\.0e-16/,
  },
  {
    name: 'an error that is no number',
    changes: { heldOut: { ...whole.heldOut, relativeError: Number.NaN } },
    verdict: 'imitated',
    reason: /relative error of NaN/,
  },
  {
    name: 'an answer of the run contradicts',
    changes: {
      answers: { ...whole.answers, contradicted: 527, largestError: 301, allowedError: 1e-9, nearest: 1.5 },
    },
    verdict: 'imitated',
    reason:
      /527 of the 5000 different answers of this run contradict it, by up to 3\.0e\+2 where 1\.0e-9 is allowed$/,
  },
  {
    name: 'answers far out contradict',
    changes: {
      answers: { ...whole.answers, contradicted: 3, largestError: 1, allowedError: 1e-9, nearest: 42 },
    },
    verdict: 'imitated',
    reason: /the nearest of them lies where inputs are about 42: inside of that --bounds may do$/,
  },
  {
    name: 'products with JᵀJ show too little',
    changes: {
      identifiability: {
        ...whole.identifiability,
        fullRank: false,
        byProducts: { ...followed, open: 'nothing was shown of neurons 3 and 5' },
      },
    },
    verdict: 'imitated',
    reason: /it is not shown that no other weights do so as well: nothing was shown of neurons 3 and 5$/,
  },
  {
    name: 'an estimated error that may be twice as large',
    changes: {
      identifiability: { ...whole.identifiability, largestRelativeError: 6e-4, byProducts: followed },
    },
    verdict: 'imitated',
    reason: /are known only to 6\.0e-4 of their size$/,
  },
  {
    name: 'an estimated error that may be twice as large and is small',
    changes: {
      identifiability: { ...whole.identifiability, largestRelativeError: 4e-4, byProducts: followed },
    },
    verdict: 'identified',
    reason: /every weight is determined to 4\.0e-4 of its neuron$/,
  },
  {
    name: 'the data do not determine the weights',
    changes: {
      identifiability: { ...whole.identifiability, fullRank: false },
      unseen: [unseen, uncertain(2, Number.POSITIVE_INFINITY)],
    },
    verdict: 'imitated',
    reason: /do not determine every weight, not those of neuron 2 of hidden layer 2$/,
  },
  {
    name: 'a weight is known badly',
    changes: {
      identifiability: { ...whole.identifiability, largestRelativeError: 2e-3 },
      unseen: [uncertain(1, 2e-3)],
    },
    verdict: 'imitated',
    reason: /the weights of neuron 1 are known only to 2\.0e-3/,
  },
  {
    name: 'a rival fits as well',
    rivals: ['gelu', 'silu'],
    verdict: 'imitated',
    reason: /gelu or silu neurons do so as well/,
  },
  {
    name: 'a fitted slope with noise',
    changes: { slopeIsFitted: true, floorCause: 'noise' },
    verdict: 'imitated',
    reason: /leaky slope was fitted too/,
  },
  {
    name: 'a fitted slope without noise',
    changes: { slopeIsFitted: true },
    verdict: 'identified',
    reason: /none can be left out/,
  },
  {
    name: 'fewer neurons may do',
    changes: { minimal: false },
    verdict: 'imitated',
    reason: /fewer may do so as well/,
  },
];

for (const { name, changes, signs, rivals = [], widths = [4], verdict, reason } of cases) {
  test(`${name}: ${verdict}`, () => {
    const judged = judge(certificate(changes), { widths, skip: false }, signs, rivals);
    assert.equal(judged.verdict, verdict);
    assert.match(judged.reason, reason);
  });
}

test('weights that answers do not tell, or badly, are open where nothing else speaks against a network', () => {
  const { identifiability } = whole;
  const withWeights = (changes: Partial<typeof identifiability>, others: Partial<Certificate> = {}) =>
    leavesWeightsOpen(certificate({ identifiability: { ...identifiability, ...changes }, ...others }));
  assert.equal(withWeights({}), false);
  assert.equal(withWeights({ fullRank: false, largestRelativeError: Number.NaN }), true);
  assert.equal(withWeights({ largestRelativeError: 1.3e3 }), true);
  assert.equal(withWeights({ largestRelativeError: 1e-3 }), false);
  const contradicted = { answers: { ...whole.answers, contradicted: 1 } };
  assert.equal(withWeights({ fullRank: false }, contradicted), false);
  assert.equal(withWeights({ largestRelativeError: 1.3e3 }, { loss: 1e-28 }), false);
});
