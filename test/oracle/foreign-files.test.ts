import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
  ['pytorch_model.bin', 'PyTorch'],
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

test('the command that is told has the place as it was given, and the folder of a SavedModel', async () => {
  const file = join(folder, 'my net.keras');
  await writeFile(file, 'whatever');
  const command = (place: string) =>
    `npx eac recover --exec 'python3 examples/targets/keras_model.py "${place}"' --input-dimension N`;
  const refusal = (place: string) =>
    openTarget(place).then(
      () => assert.fail('opened'),
      (error: Error) => error.message,
    );
  assert.ok((await refusal(file)).includes(command(file)));
  const saved = join(folder, 'saved');
  await mkdir(saved);
  await writeFile(join(saved, 'saved_model.pb'), 'whatever');
  assert.ok((await refusal(saved)).includes(command(saved)));
  assert.ok((await refusal(join(saved, 'saved_model.pb'))).includes(command(saved)));
});

test('a .nnet file that is none says so', async () => {
  const file = join(folder, 'cut.nnet');
  await writeFile(file, 'whatever');
  await assert.rejects(openTarget(file), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /cut\.nnet .*sizes/);
    return true;
  });
});

test('other JSON, and JSON that is not there, are told apart', async () => {
  const file = join(folder, 'other.json');
  await writeFile(file, '{"a": 1}');
  await assert.rejects(openTarget(file), /other\.json is JSON that is not known here, expected an ONNX file/);
  await assert.rejects(openTarget(join(folder, 'missing.json')), /missing\.json does not exist/);
});
