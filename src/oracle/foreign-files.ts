import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../base/errors.js';
import { openExternalData } from '../files/onnx/external-data.js';
import { type OnnxOptions, openOnnx } from '../files/onnx/open.js';
import { readLayersModel } from '../files/weights/layers-model.js';
import { isLayersModel } from '../files/weights/tfjs.js';
import { describeModel } from './onnx/open-file.js';
import type { OpenedTarget } from './opened-target.js';

/** Files of other software that are not read here, and the adapter that asks them. */
const foreign: readonly { readonly file: RegExp; readonly what: string; readonly adapter: string }[] = [
  { file: /\.(h5|hdf5|keras|pb)$/i, what: 'a model of Keras or TensorFlow', adapter: 'keras_model.py' },
  {
    file: /\.(pt|pth|ckpt)$|(^|[\\/])pytorch_model[^\\/]*\.bin$/i,
    what: 'a model of PyTorch',
    adapter: 'pytorch_model.py',
  },
  { file: /\.tflite$/i, what: 'a model of TensorFlow Lite', adapter: 'tflite_model.py' },
  {
    file: /\.(pkl|pickle|joblib|sav)$/i,
    what: 'a pickled model, as of scikit-learn',
    adapter: 'sklearn_model.py',
  },
  { file: /\.zip$/i, what: 'an archive, as Stable-Baselines3 writes policies', adapter: 'sb3_policy.py' },
];

/** Adapters for what a JSON file holds. */
const inJson: readonly { readonly keys: RegExp; readonly what: string; readonly adapter: string }[] = [
  { keys: /"(modelTopology|weightsManifest)"/, what: 'a model of TensorFlow.js', adapter: 'tfjs-model.mjs' },
  { keys: /"(sizes|layers)"\s*:/, what: 'a network of brain.js', adapter: 'brain-network.mjs' },
];

const longestJson = 2 ** 28;

/** What the folder of a SavedModel holds. */
const savedModel = 'saved_model.pb';

/** Whether a place is a file of other software by its name, or the folder of a SavedModel. */
export const isForeign = (place: string): boolean =>
  /\.json$/i.test(place) ||
  foreign.some(({ file }) => file.test(place)) ||
  existsSync(join(place, savedModel));

/**
 * Opens a layers model of TensorFlow.js, of dense layers and activations; throws the `InputError` that names the
 * adapter for any other such file.
 */
export function openForeign(place: string, options: Pick<OnnxOptions, 'precision'>): OpenedTarget {
  if (!/\.json$/i.test(place)) {
    const known =
      foreign.find(({ file }) => file.test(place)) ?? foreign.find(({ file }) => file.test(savedModel));
    return refuse(place, known);
  }
  const text = readJson(place);
  if (text === undefined || !isLayersModel(text)) {
    return refuse(place, text === undefined ? undefined : inJson.find(({ keys }) => keys.test(text)));
  }
  const beside = openExternalData(place);
  const bytes = readLayersModel(place, text, beside);
  const { precision } = options;
  const model = openOnnx(bytes, place, precision === undefined ? {} : { precision });
  const identity = `tfjs\n${createHash('sha256').update(bytes).digest('hex')}`;
  return { ...describeModel(place, model), identity };
}

type Known = (typeof foreign)[number] | (typeof inJson)[number] | undefined;

function refuse(place: string, known: Known): never {
  if (known === undefined) {
    throw new InputError(
      `${place} is JSON that is not known here, expected an ONNX file, weights, an address or a function`,
    );
  }
  const { what, adapter } = known;
  // TensorFlow opens the folder that the file lies in
  const name = JSON.stringify(place.endsWith(savedModel) ? dirname(place) : place);
  const algorithm = adapter === 'sb3_policy.py' ? 'PPO ' : '';
  const command = adapter.endsWith('.mjs')
    ? `MODEL=${name} npx eac recover examples/targets/${adapter}`
    : `npx eac recover --exec 'python3 examples/targets/${adapter} ${algorithm}${name}'`;
  throw new InputError(
    `${place} is ${what}, which is not read here: ${command} --input-dimension N asks it through its own software (docs/targets.md)`,
  );
}

/** The text of a JSON file; undefined where it is too long. */
function readJson(place: string): string | undefined {
  try {
    return statSync(place).size > longestJson ? undefined : readFileSync(place, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new InputError(`${place} ${found}, expected an ONNX file`, { cause: error });
  }
}
