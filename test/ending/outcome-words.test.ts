import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Certificate } from '../../src/certify/certificate.js';
import {
  describeCertified,
  describeFound,
  describeStalled,
  describeTried,
  failed,
  type Searched,
} from '../../src/ending/outcome.js';
import { resolveOptions } from '../../src/options.js';
import { meterTarget } from '../../src/query/oracle.js';
import { measureOutputs } from '../../src/query/precision.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { DeepStudent, Network, Student } from '../../src/records.js';
import { triedDeep, triedStudent } from './tried-students.js';

type Students = readonly (Student | DeepStudent)[];

/** Statistics of outputs with this variance once they are scaled. */
const statistics = (scaledVariance: number) => ({
  ...measureOutputs({
    inputs: Float64Array.of(0, 1),
    outputs: Float64Array.of(-1, 1),
    count: 2,
    inputDimension: 1,
    outputDimension: 1,
  }),
  scaledVariance,
});

/** A source of which so many queries were asked. */
async function sourceAfter(queries: number) {
  const oracle = meterTarget((_, count) => new Float64Array(count), 1, Number.POSITIVE_INFINITY);
  await oracle.ask(new Float64Array(queries), queries, 'samples');
  return queriesAsSource(oracle, 0);
}

const shallow: Students = [
  triedStudent(0, 4, 3e-3),
  triedStudent(1, 8, 5e-4, 'gelu'),
  triedStudent(2, 16, 2e-3),
];
const deep: Students = [triedDeep(3, [6, 4], 1e-5)];
const behind: Students = [{ ...triedStudent(4, 32, 1e-9, 'softplus'), peeled: 1 }];

describe('what was tried', () => {
  const three =
    '3 students with one hidden layer of up to 16 neurons (the best, 8 gelu neurons, left 2.5e-4 of the variance)';
  const cases: [string, Students, number | undefined, string][] = [
    ['nothing', [], undefined, 'no students'],
    ['nothing, though the answers are known', [], 2, 'no students'],
    ['one hidden layer', shallow, 2, three],
    [
      'deep students and others',
      [...deep, ...shallow],
      2,
      `${three}, 1 with several hidden layers or behind known ones`,
    ],
    [
      'students behind known layers are none with one layer',
      [...behind, ...shallow, ...deep],
      2,
      `${three}, 2 with several hidden layers or behind known ones`,
    ],
    ['deep students alone', [...deep, ...behind], 2, '2 with several hidden layers or behind known ones'],
  ];
  for (const [name, students, variance, words] of cases) {
    test(name, () => assert.equal(describeTried(students, variance), words));
  }
});

describe('why there is no network', () => {
  const none =
    /^none of 3 students with one hidden layer of up to 16 neurons reached the floor, the best, 8 gelu neurons, left 2\.5e-4 of the variance; /;
  const atFloor = [...shallow, ...[4, 5].map((i) => ({ ...triedStudent(i, 6, 1e-30), atFloor: true }))];
  const deepest = [
    ...deep,
    triedDeep(5, [12, 8, 3], 4e-8),
    { ...triedDeep(6, [9, 9], 1e-12), peeled: 1 },
  ].map((student) => ({ peeled: 0, ...student }));
  const cases: {
    readonly name: string;
    readonly students: Students;
    readonly searched: Searched;
    readonly said: readonly RegExp[];
    readonly unsaid: readonly RegExp[];
  }[] = [
    {
      name: 'one hidden layer was asked for: nothing is said of deeper ones that nobody looked for',
      students: shallow,
      searched: { depth: 1, isDeepSearched: false },
      said: [none, /; the target may be deeper or wider, or have another activation$/],
      unsaid: [/no deeper/, /no network/, /hidden layers/],
    },
    {
      name: 'any depth, but none was looked for beyond one hidden layer',
      students: shallow,
      searched: { depth: 'auto', isDeepSearched: false },
      said: [none, /; no deeper network was looked for: there are too few samples .*; /],
      unsaid: [/found/, /either/],
    },
    {
      name: 'any depth, and deeper ones were tried in vain',
      students: [...shallow, ...deepest, ...behind],
      searched: { depth: 'auto', isDeepSearched: true },
      said: [
        none,
        /; no deeper network was found either \(the best, 12-8-3 tanh neurons, left 2\.0e-8 of the variance\); /,
      ],
      // behind known layers the losses are others
      unsaid: [/6-4/, /9-9/, /softplus/, /32/, /looked for/],
    },
    {
      name: 'any depth, looked for without a student',
      students: shallow,
      searched: { depth: 'auto', isDeepSearched: true },
      said: [none, /; no deeper network was found either; /],
      unsaid: [/looked for/],
    },
    {
      name: 'any depth, no student with one hidden layer: nothing comes before that would be "either"',
      students: deepest,
      searched: { depth: 'auto', isDeepSearched: true },
      said: [/^no deeper network was found \(the best, 12-8-3 tanh neurons/],
      unsaid: [/either/, /none of/, /one hidden layer/],
    },
    {
      name: 'a depth was asked for, and no student has but one hidden layer',
      students: [...deepest, ...behind],
      searched: { depth: 3, isDeepSearched: true },
      said: [/^no network with 3 hidden layers was found \(the best, 12-8-3 tanh neurons/],
      unsaid: [/none of/, /one hidden layer/, /either/, /softplus/],
    },
    {
      name: 'some reached the floor',
      students: atFloor,
      searched: { depth: 1, isDeepSearched: false },
      said: [
        /^2 of 5 students with one hidden layer of up to 16 neurons reached the floor, but no network was made of them; /,
      ],
      unsaid: [/none/, /no deeper/, /best/],
    },
    {
      name: 'some reached the floor, and deeper ones were tried',
      students: [...atFloor, ...deepest],
      searched: { depth: 'auto', isDeepSearched: true },
      said: [/^2 of 5 students .*; no deeper network was found either \(the best, 12-8-3 tanh neurons/],
      unsaid: [/none/],
    },
  ];
  for (const { name, students, searched, said, unsaid } of cases) {
    test(name, () => {
      const words = describeStalled(students, statistics(2), searched);
      for (const pattern of said) assert.match(words, pattern);
      for (const pattern of unsaid) assert.doesNotMatch(words, pattern);
    });
  }
});

const network: Network = {
  activation: 'sigmoid',
  slope: 0,
  layers: [
    { inputs: 1, outputs: 3, weights: new Float64Array(3), biases: new Float64Array(3) },
    { inputs: 3, outputs: 2, weights: new Float64Array(6), biases: new Float64Array(2) },
    { inputs: 2, outputs: 1, weights: new Float64Array(2), biases: new Float64Array(1) },
  ],
};

test('a recovery that failed has its reason, its queries and its evidence, and nothing else', async () => {
  const evidence = { options: resolveOptions({ inputDimension: 1 }), students: shallow };
  assert.deepEqual(failed('because', await sourceAfter(7), evidence), {
    verdict: 'failed',
    reason: 'because',
    activation: null,
    equivalentActivations: [],
    widths: [],
    queries: 7,
    loss: null,
    floor: null,
    heldOut: null,
    network: null,
    evidence,
  });
});

test('a network says its hidden widths, its activation and those that are the same', () => {
  assert.deepEqual(describeFound(network), {
    activation: 'sigmoid',
    equivalentActivations: ['tanh'],
    widths: [3, 2],
    network,
  });
  const { equivalentActivations } = describeFound({ ...network, activation: 'relu' });
  assert.deepEqual(equivalentActivations, []);
});

test('loss and floor of a certified network are relative to the variance', async () => {
  const heldOut = { maxError: 0.25, relativeError: 0.125, count: 9 };
  const certificate = { loss: 3e-6, floor: 1e-6, heldOut } as unknown as Certificate;
  const described = describeCertified(network, certificate, await sourceAfter(9), statistics(0.5));
  assert.deepEqual(described, {
    ...describeFound(network),
    queries: 9,
    loss: 6e-6,
    floor: 2e-6,
    heldOut: { maxError: 0.25, relativeError: 0.125 },
  });
});
