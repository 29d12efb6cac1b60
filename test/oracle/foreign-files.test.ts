import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/base/errors.js';
import { openTarget } from '../../src/oracle/open-target.js';
import { repository } from '../golden.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-foreign-'));
});
after(() => rm(folder, { recursive: true }));

for (const [name, what, content] of [
  ['net.h5', 'Keras or TensorFlow'],
  ['net.keras', 'Keras or TensorFlow'],
  ['saved_model.pb', 'Keras or TensorFlow'],
  ['net.pt', 'PyTorch'],
  ['NET.PTH', 'PyTorch'],
  ['net.tflite', 'TensorFlow Lite'],
  ['net.pkl', 'scikit-learn'],
  ['net.joblib', 'scikit-learn'],
  ['ppo.zip', 'Stable-Baselines3'],
  ['brain.json', 'brain.js', '{"type":"NeuralNetwork","sizes":[2,3,1],"layers":[]}'],
] as const) {
  test(`${name} is refused with the adapter that asks it`, async () => {
    const file = join(folder, name);
    await writeFile(file, content ?? 'whatever');
    await assert.rejects(openTarget(file), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.ok(error.message.startsWith(`${file} is a`), error.message);
      assert.ok(error.message.includes(what), error.message);
      const [adapter] = /examples\/targets\/[\w.-]+/.exec(error.message) ?? [''];
      assert.ok(existsSync(join(repository, adapter)) && adapter !== '', `${adapter} exists`);
      return true;
    });
  });
}

test('other JSON, and JSON that is not there, are told apart', async () => {
  const file = join(folder, 'other.json');
  await writeFile(file, '{"a": 1}');
  await assert.rejects(openTarget(file), /other\.json is JSON that is not known here, expected an ONNX file/);
  await assert.rejects(openTarget(join(folder, 'missing.json')), /missing\.json does not exist/);
});
