import { InputError } from '../../base/errors.js';

/** A valid model with something that is not evaluated here: ONNX Runtime, which knows all of the format, may. */
export class UnsupportedError extends InputError {
  /** The input and the output that were chosen, where that is known. */
  names: { readonly input?: string; readonly output?: string } = {};
}
