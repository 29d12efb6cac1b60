import { InputError } from '../../base/errors.js';
import type { ExternalData } from '../onnx/external-data.js';
import { layersModelToOnnx } from './tfjs.js';

/** The ONNX form of a layers model; throws `InputError` that names the file and the adapter for other layers. */
export function readLayersModel(
  place: string,
  text: string,
  beside: Pick<ExternalData, 'readWhole'>,
): Uint8Array {
  try {
    return layersModelToOnnx(text, beside.readWhole);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // names come from the file: whatever they hold, the message stays one line
    const message = error.message.replaceAll(/\p{Cc}/gu, '�').slice(0, 600);
    throw new InputError(
      `${place} ${message}; examples/targets/tfjs-model.mjs asks any such model (docs/targets.md)`,
      { cause: error },
    );
  }
}
