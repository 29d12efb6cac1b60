import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { ActivationName } from '../../network/activations.js';
import type { Network } from '../../records.js';
import { openExternalData } from '../onnx/external-data.js';
import { readLayersModel } from '../weights/layers-model.js';
import { readWeights } from '../weights/open.js';
import { readOnnxNetwork } from './network-from-onnx.js';

/** The file of a run folder that holds the recovered network. */
const networkFile = 'network.onnx';

/**
 * Reads the weights of a network from an `.onnx`, `.safetensors`, `.npz` or `.nnet` file, a layers model of TensorFlow.js, or a run folder: for
 * measuring and showing, never for recovering. The activation of weights that do not name it is `activation`.
 * Throws `InputError` naming the path.
 */
export async function readNetwork(path: string, activation?: ActivationName): Promise<Network> {
  const { bytes, file } = await readFileOrFolder(path);
  if (/\.onnx$/i.test(file)) return readOnnxNetwork(bytes, file, openExternalData(file).read);
  if (/\.json$/i.test(file)) {
    const model = readLayersModel(file, new TextDecoder().decode(bytes), openExternalData(file));
    return readOnnxNetwork(model, file);
  }
  if (/\.(safetensors|npz|nnet)$/i.test(file)) return readWeights(bytes, file, { activation }).network;
  throw new InputError(
    `${file} is not a network file, expected .onnx, .safetensors, .npz, .nnet or a run folder`,
  );
}

async function readFileOrFolder(path: string): Promise<{ bytes: Uint8Array; file: string }> {
  try {
    return { bytes: await readFile(path), file: path };
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') {
      const found = codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${codeOf(error)})`;
      throw new InputError(`${path} ${found}, expected a network file or a run folder`, { cause: error });
    }
  }
  const file = join(path, networkFile);
  try {
    return { bytes: await readFile(file), file };
  } catch (error) {
    const found = codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be read (${codeOf(error)})`;
    throw new InputError(`${file} ${found}, expected it in a run folder`, { cause: error });
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
