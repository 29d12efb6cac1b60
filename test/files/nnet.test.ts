import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { runConvert } from '../../src/cli/convert.js';
import { encodeNnet } from '../../src/files/export/nnet.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { readNetwork } from '../../src/files/network/read-network.js';
import { readNnet } from '../../src/files/weights/nnet.js';
import { openWeights } from '../../src/files/weights/open.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { readGolden } from '../golden.js';
import { randomNetwork } from '../run/networks.js';

const golden = readGolden<{ file: string; inputs: number[][]; outputs: number[][] }>('nnet.json');
const bytesOf = (text: string) => new TextEncoder().encode(text);
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-nnet-'));
});
after(() => rm(folder, { recursive: true }));

test('a .nnet file answers as its own software does, normalised and within its bounds', async () => {
  const file = join(folder, 'net.nnet');
  await writeFile(file, golden.file);
  const target = await openTarget(file, { activation: 'auto' });
  assert.deepEqual([target.inputDimension, target.outputDimension, target.precision], [3, 2, 'float64']);
  const answers = await target.ask(Float64Array.from(golden.inputs.flat()), 8);
  for (const [i, value] of golden.outputs.flat().entries()) {
    assert.ok(Math.abs(answers[i] - value) <= 1e-13 * Math.max(1, Math.abs(value)), `${answers[i]} ${value}`);
  }
  const { layers, activation } = await readNetwork(file);
  assert.deepEqual([activation, layers.map(({ outputs }) => outputs)], ['relu', [5, 4, 2]]);
});

test('a ReLU network is written and read back to the same numbers', () => {
  const network = randomNetwork('relu', [4, 6, 3, 2]);
  const read = readNnet(bytesOf(encodeNnet(network)));
  assert.deepEqual(read.network, { ...network, slope: 0 });
  assert.throws(() => encodeNnet(randomNetwork('tanh', [2, 2, 1])), /has the activation tanh, expected relu/);
});

const [, , sizes] = golden.file.split('\n');
const wrongs: [name: string, text: string, message: RegExp][] = [
  ['cut short', golden.file.slice(0, 700), /^net\.nnet has in line \d+ no 5 numbers for weights of layer 2$/],
  [
    'fewer numbers in a line',
    golden.file.replace(/\n(-?\d[^,\n]*),[^,\n]*,([^,\n]*,\n)/, '\n$1,$2'),
    /has in line \d+ no 3 numbers/,
  ],
  ['a word', golden.file.replace('-1.0', 'one'), /has in line 6 no 3 numbers for the least inputs/],
  [
    'sizes that do not fit',
    golden.file.replace(sizes, '3,4,2,5,'),
    /has layers of the sizes 3,5,4,2, which do not fit 4 inputs/,
  ],
  [
    'huge sizes',
    '5,3,2,9,\n3,1000000,1000000,1000000,1000000,2,\n',
    /is 46 bytes long, too short for the \d+ numbers/,
  ],
  ['many layers', '100000000,3,2,9,\n3,2,\n', /has 100000000 layers, expected at most 1000/],
  ['a range of 0', golden.file.replace('2.5,4.0', '2.5,0.0'), /has a range of 0/],
  ['no integers', '// a comment\n3,2.5,1,\n', /has in line 2 no integers for its sizes/],
];
for (const [name, text, message] of wrongs) {
  test(`a .nnet file with ${name} is an InputError of one line`, () => {
    assert.throws(
      () => openWeights(bytesOf(text), 'net.nnet'),
      (error: Error) => {
        assert.ok(error instanceof InputError, String(error.stack));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}

test('a network is converted to every format and back to the same weights', async () => {
  const network = randomNetwork('relu', [3, 5, 2]);
  const source = join(folder, 'source.onnx');
  await writeFile(source, encodeOnnx(network));
  const lines: string[] = [];
  for (const ending of ['nnet', 'npz', 'safetensors', 'onnx', 'json']) {
    const file = join(folder, `copy.${ending}`);
    assert.equal(await runConvert(source, file, {}, { out: (line) => lines.push(line) }), 0);
    assert.equal(lines.at(-1), `${file} holds the 3-5-2 relu network of ${source}`);
    const layers =
      ending === 'json'
        ? (JSON.parse(await readFile(file, 'utf8')) as { layers: { weights: number[] }[] }).layers
        : (await readNetwork(file)).layers;
    assert.deepEqual([...layers[0].weights], [...network.layers[0].weights]);
    await assert.rejects(runConvert(source, file, {}, { out() {} }), /exists, expected a new name$/);
  }
  await assert.rejects(
    runConvert(source, join(folder, 'copy.h5'), {}, { out() {} }),
    /copy\.h5 is no name for a network, expected one that ends with \.onnx, /,
  );
});

test('the NPZ file of a run tells its activation and its slope', async () => {
  const network = randomNetwork('leaky_relu', [3, 4, 2]);
  const [source, file] = [join(folder, 'leaky.onnx'), join(folder, 'leaky.npz')];
  await writeFile(source, encodeOnnx(network));
  await runConvert(source, file, {}, { out() {} });
  const read = await readNetwork(file);
  assert.deepEqual([read.activation, read.slope.toFixed(9)], ['leaky_relu', network.slope.toFixed(9)]);
  const target = await openTarget(file, { activation: 'auto' });
  assert.equal(target.inputDimension, 3);
});
