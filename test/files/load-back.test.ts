import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { readNpy } from '../../src/files/data/npy.js';
import { encodeNetworkJson } from '../../src/files/export/json.js';
import { encodeNetworkNpz } from '../../src/files/export/npz.js';
import { encodeSafetensors } from '../../src/files/export/safetensors.js';
import { activationNames } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { repository } from '../golden.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const networks = activationNames.map((activation) => randomNetwork(activation, [5, 7, 4, 2]));

test('the arrays of an NPZ file are the network, and the same network gives the same bytes', () => {
  for (const network of networks) {
    const bytes = encodeNetworkNpz(network);
    assert.deepEqual(encodeNetworkNpz(network), bytes);
    const files = unzipSync(bytes);
    for (const [index, { inputs, outputs, weights, biases }] of network.layers.entries()) {
      const weight = readNpy(files[`${2 * index}.weight.npy`], 'weight');
      assert.deepEqual([weight.rows, weight.columns], [outputs, inputs]);
      assert.deepEqual(weight.data, weights);
      assert.deepEqual(readNpy(files[`${2 * index}.bias.npy`], 'bias').data, biases);
    }
  }
});

test('network.json reads back to the same numbers', () => {
  for (const network of networks) {
    const { activation, slope, layers } = JSON.parse(encodeNetworkJson(network));
    assert.deepEqual([activation, slope], [network.activation, network.slope]);
    for (const [index, layer] of network.layers.entries()) {
      assert.deepEqual(Float64Array.from(layers[index].weights), layer.weights);
      assert.deepEqual(Float64Array.from(layers[index].biases), layer.biases);
    }
  }
});

/** Debian's Python, which has NumPy and PyTorch where the packages are installed. */
const python = '/usr/bin/python3';
const has = (module: string) =>
  spawnSync(python, ['-c', `import ${module}`]).status === 0 ? false : `${python} has no ${module}`;

/** The largest relative difference of every network's outputs, as other software computes them from our files. */
async function loadBack(): Promise<Record<string, number[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'eac-load-back-'));
  try {
    const inputs = normalInputs(50, 5, 2);
    const cases = networks.map((network) => ({
      name: network.activation,
      sizes: [5, 7, 4, 2],
      activation: network.activation,
      slope: network.slope,
      inputs: Array.from(inputs),
      outputs: Array.from(forward(network, inputs, 50)),
    }));
    await writeFile(join(folder, 'cases.json'), JSON.stringify(cases));
    for (const network of networks) {
      const file = join(folder, network.activation);
      await writeFile(`${file}.npz`, encodeNetworkNpz(network));
      await writeFile(`${file}.json`, encodeNetworkJson(network));
      await writeFile(`${file}.safetensors`, encodeSafetensors(network));
    }
    const script = join(repository, 'test/files/load-back.py');
    const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('NumPy loads NPZ, JSON and safetensors to the same arrays and outputs', {
  skip: has('numpy'),
}, async () => {
  const { numpy } = await loadBack();
  assert.equal(numpy.length, 1);
  assert.ok(numpy[0] < 1e-14, String(numpy));
});

test('PyTorch gives the same outputs for every activation', { skip: has('torch') }, async () => {
  const { torch } = await loadBack();
  assert.equal(torch.length, networks.length);
  for (const [index, error] of torch.entries()) {
    assert.ok(error < 1e-13, `${networks[index].activation}: ${error}`);
  }
});
