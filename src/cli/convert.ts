import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { InputError } from '../base/errors.js';
import { encodeNetworkJson } from '../files/export/json.js';
import { encodeNnet } from '../files/export/nnet.js';
import { encodeNetworkNpz } from '../files/export/npz.js';
import { encodeOnnx } from '../files/export/onnx.js';
import { encodeSafetensors } from '../files/export/safetensors.js';
import { readNetwork } from '../files/network/read-network.js';
import type { ActivationName } from '../network/activations.js';
import type { Network } from '../records.js';
import { explainWriteFailure } from '../run/run-folder.js';
import { isWeights } from './compare.js';

/** How a network is written, by the ending of the file's name. */
const writers: Readonly<Record<string, (network: Network) => Uint8Array | string>> = {
  onnx: (network) => encodeOnnx(network),
  safetensors: encodeSafetensors,
  npz: encodeNetworkNpz,
  json: encodeNetworkJson,
  nnet: encodeNnet,
};

/** What `eac convert` was asked for beyond the two names. */
export interface ConvertOptions {
  /** The activation of a file of weights that does not name its own. */
  readonly activation?: ActivationName;
}

/**
 * `eac convert NETWORK FILE`: writes the weights of a network file or run folder in the format that the new
 * file's name ends with. Returns the exit code, 0. Throws `InputError` when the network cannot be read, has no
 * such form, or the file is there already or cannot be written.
 */
export async function runConvert(
  source: string,
  file: string,
  options: ConvertOptions,
  io: { out(line: string): void },
): Promise<number> {
  const ending = /\.(\w+)$/.exec(file)?.[1].toLowerCase() ?? '';
  if (!Object.hasOwn(writers, ending)) {
    throw new InputError(
      `${file} is no name for a network, expected one that ends with .${Object.keys(writers).join(', .')}`,
    );
  }
  const isThere = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (isThere) throw new InputError(`${file} exists, expected a new name`);
  const network = await readNetwork(source, isWeights(source) ? options.activation : undefined);
  const content = writers[ending](network);
  try {
    await writeFile(file, content, { flag: 'wx' });
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
  const widths = [network.layers[0].inputs, ...network.layers.map(({ outputs }) => outputs)].join('-');
  io.out(`${file} holds the ${widths} ${network.activation} network of ${source}`);
  return 0;
}
