import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { readGolden } from '../golden.js';

interface Golden {
  readonly name: string;
  readonly json: string;
  readonly weights: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

const cases = readGolden<Golden[]>('tfjs.json');
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-tfjs-'));
});
after(() => rm(folder, { recursive: true }));

async function write({ json, weights }: Pick<Golden, 'json' | 'weights'>): Promise<string> {
  await writeFile(join(folder, 'group1-shard1of1.bin'), Buffer.from(weights, 'base64'));
  await writeFile(join(folder, 'model.json'), json);
  return join(folder, 'model.json');
}

test('layers models answer as TensorFlow.js does, to a few roundings of float32', async (t) => {
  for (const golden of cases) {
    await t.test(golden.name, async () => {
      const target = await openTarget(await write(golden), { activation: 'auto' });
      assert.deepEqual([target.inputDimension, target.precision], [3, 'float32']);
      const answers = await target.ask(Float64Array.from(golden.inputs.flat()), golden.inputs.length);
      const expected = golden.outputs.flat();
      assert.equal(answers.length, expected.length);
      for (const [i, value] of expected.entries()) {
        assert.ok(Math.abs(answers[i] - value) <= 8 * 2 ** -24 * Math.max(1, Math.abs(value)));
      }
    });
  }
});

const chain = cases.find(({ name }) => name === 'a functional chain')!;

test('the weights of a layers model are the truth of a comparison', async () => {
  const { activation, layers } = await readNetwork(await write(chain));
  assert.deepEqual(
    [activation, layers.map(({ inputs, outputs }) => [inputs, outputs])],
    [
      'tanh',
      [
        [3, 4],
        [4, 2],
      ],
    ],
  );
});

test('a model is known by its weights too', async () => {
  const first = await openTarget(await write(chain));
  const changed = Buffer.from(chain.weights, 'base64');
  changed[0] ^= 1;
  const second = await openTarget(await write({ ...chain, weights: changed.toString('base64') }));
  assert.notEqual(first.identity, second.identity);
});

const replaced = (from: string | RegExp, to: string) => chain.json.replace(from, to);
const wrongs: [name: string, json: string, message: RegExp][] = [
  [
    'layers of other kinds',
    replaced(/"class_name":"Dense"/, '"class_name":"LSTM"'),
    /has a layer LSTM, expected dense layers/,
  ],
  [
    'another activation',
    replaced('"activation":"tanh"', '"activation":"sine"'),
    /has the activation 'sine', expected one of relu, /,
  ],
  [
    'weights elsewhere',
    replaced('group1-shard1of1.bin', '../group1-shard1of1.bin'),
    /has weights in '\.\.\/group1.*', which leaves the model's folder/,
  ],
  [
    'weights that are missing',
    replaced('group1-shard1of1.bin', 'group2.bin'),
    /which is not beside the model/,
  ],
  [
    'larger weights than there are',
    replaced('"shape":[3,4]', '"shape":[3000000,4000000]'),
    /of 12000000000000 numbers, more than its files hold/,
  ],
  [
    'weights of other types',
    replaced('"dtype":"float32"}]', '"dtype":"int32"}]'),
    /of int32, expected float32/,
  ],
  ['damaged text', chain.json.slice(0, -20), /is no JSON, or is cut short/],
  [
    'no list of weights',
    replaced(/"paths":\[[^\]]*\]/, '"paths":7'),
    /is no layers model of TensorFlow\.js: weightsManifest\.0\.paths is not/,
  ],
];
for (const [name, json, message] of wrongs) {
  test(`a layers model with ${name} is an InputError that names the file and the adapter`, async () => {
    assert.notEqual(json, chain.json);
    await assert.rejects(openTarget(await write({ ...chain, json })), (error: Error) => {
      assert.ok(error instanceof InputError, String(error.stack));
      assert.match(error.message, message);
      assert.match(error.message, /model\.json .*; examples\/targets\/tfjs-model\.mjs asks any such model/);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  });
}
