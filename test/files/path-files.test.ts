import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { encodeNetworkJson } from '../../src/files/export/json.js';
import { encodeNnet } from '../../src/files/export/nnet.js';
import { encodeNetworkNpz } from '../../src/files/export/npz.js';
import { encodeOnnx } from '../../src/files/export/onnx.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { openOnnx } from '../../src/files/onnx/open.js';
import { openWeights, readWeights } from '../../src/files/weights/open.js';
import { forward } from '../../src/network/forward.js';
import { type Head, plainHead } from '../../src/network/head.js';
import type { Network } from '../../src/records.js';
import { readGolden } from '../golden.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const shallow: Network = {
  ...randomNetwork('gelu', [3, 4, 2]),
  paths: [{ from: 0, to: 2, weights: normalInputs(6, 1) }],
};
const deep: Network = {
  ...randomNetwork('tanh', [3, 4, 5, 2]),
  paths: [
    { from: 1, to: 3, weights: normalInputs(8, 1) },
    { from: 0, to: 3, weights: normalInputs(6, 1) },
    { from: 0, to: 2, weights: normalInputs(15, 1) },
  ],
};
const inputs = normalInputs(50, 3);
const byPlace = ({ paths = [] }: Network) =>
  paths.toSorted((a, b) => 10 * (a.to - b.to) + a.from - b.from).map((path) => ({ ...path }));

for (const [name, network] of [
  ['from inputs to outputs', shallow],
  ['past several layers', deep],
] as const) {
  describe(`paths ${name}`, () => {
    test('safetensors and NPZ hold them', () => {
      const safetensors = encodeSafetensors(network);
      for (const read of [
        readWeights(safetensors, 'f', {}).network,
        readWeights(encodeNetworkNpz(network), 'f', {}).network,
      ]) {
        assert.deepEqual(byPlace(read), byPlace(network));
        assert.deepEqual(read.layers, network.layers);
      }
      const model = openWeights(safetensors, 'f');
      const expected = forward(network, inputs, 50);
      const found = model.evaluate(inputs, 50);
      for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-12);
    });

    test('JSON holds them', () => {
      const { paths } = JSON.parse(encodeNetworkJson(network));
      assert.deepEqual(
        paths,
        network.paths!.map(({ from, to, weights }) => ({ from, to, weights: [...weights] })),
      );
    });

    const heads: readonly (Head | undefined)[] = [undefined, plainHead('softmax'), plainHead('sigmoid')];
    for (const head of heads) {
      test(`ONNX holds them, with ${head?.name ?? 'no'} head`, () => {
        const own: Network = { ...network, ...(head && { head }) };
        const bytes = encodeOnnx(own);
        const expected = forward(own, inputs, 50);
        const found = openOnnx(bytes, 'f.onnx').evaluate(inputs, 50);
        for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-12);
        const read = readOnnxNetwork(bytes, 'f.onnx');
        assert.deepEqual(byPlace(read), byPlace(network));
        assert.deepEqual([read.layers, read.head], [own.layers, own.head]);
      });
    }

    test('.nnet has no room for them', () => {
      assert.throws(() => encodeNnet({ ...network, activation: 'relu' }), /has a linear path, expected none/);
    });
  });
}

test('arrays that are no paths of the network are refused by name', () => {
  const wrong = (from: number, to: number, count: number): Network => ({
    ...shallow,
    paths: [{ from, to, weights: new Float64Array(count) }],
  });
  assert.throws(
    () => readWeights(encodeSafetensors(wrong(1, 2, 8)), 'f', {}),
    /'path\.1\.2\.weight', expected a path past one of 1 hidden layers/,
  );
  assert.throws(
    () => readWeights(encodeNetworkNpz(wrong(0, 2, 8)), 'f', {}),
    /'path\.0\.2\.weight' has the shape \(2, 4\), expected \(2, 3\)/,
  );
});

interface Golden {
  readonly name: string;
  readonly model: string;
  readonly inputs: number[];
  readonly outputs: number[];
}

for (const { name, model, inputs: asked, outputs } of readGolden<Golden[]>('onnx-paths.json')) {
  test(`${name}: what is read answers as ONNX Runtime does`, () => {
    const bytes = Uint8Array.from(Buffer.from(model, 'base64'));
    const network = readOnnxNetwork(bytes, 'f.onnx');
    assert.ok(network.paths!.length > 0);
    const count = asked.length / network.layers[0].inputs;
    const found = forward(network, Float64Array.from(asked), count);
    assert.equal(found.length, outputs.length);
    for (const [i, value] of outputs.entries()) {
      assert.ok(Math.abs(found[i] - value) < 2e-6 * Math.max(1, Math.abs(value)), `${found[i]}, ${value}`);
    }
  });
}

test('the comparison with a truth sees its path', () => {
  assert.equal(compareNetworks(shallow, shallow).maxWeightError, 0);
  const [path] = shallow.paths!;
  const off = path.weights.with(0, path.weights[0] + 0.01 * Math.hypot(...path.weights));
  const moved = compareNetworks({ ...shallow, paths: [{ ...path, weights: off }] }, shallow);
  assert.ok(Math.abs(moved.maxWeightError! - 0.01) < 1e-12);
  const { paths: _, ...without } = shallow;
  assert.equal(compareNetworks(without, shallow).maxWeightError, 1);
  const size = Math.hypot(...path.weights) / Math.hypot(...shallow.layers[1].weights);
  assert.ok(Math.abs(compareNetworks(shallow, without).maxWeightError! - size) < 1e-12);
});
