import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import type { Dataset } from '../records.js';
import type { EndingContext } from './context.js';
import { readMissing } from './read-missing.js';

/** So many neurons are read anew at most. */
const most = 3;

/**
 * The network with one of its last hidden layer's neurons, of whose weights its samples leave some `open`, read off the
 * answers that contradict it: without that neuron all errors are the neuron's alone, also where the network has it off and
 * the target does not, from where no descent could follow. Of ReLU 5-9-6-2 (float32) one that is on at 0.1 % of the
 * inputs had three weights of the wrong sign. Undefined where none explains the errors. `wrong` is unscaled, `usual` scaled.
 */
export async function readAnew(
  network: DeepNetwork,
  open: readonly number[],
  wrong: Dataset,
  usual: Dataset,
  context: EndingContext,
): Promise<{ readonly network: DeepNetwork; readonly places: Dataset } | undefined> {
  for (const neuron of open.slice(0, most)) {
    const read = await readMissing(withoutVoice(network, neuron), wrong, usual, context);
    if (read !== undefined) return { ...read, network: inPlaceOf(network, neuron, read.network) };
  }
  return undefined;
}

/** The network with a neuron of its last hidden layer that nobody sees. */
function withoutVoice({ shape, parameters }: DeepNetwork, neuron: number): DeepNetwork {
  const { at, rows, columns } = deepBlocks(shape)[shape.widths.length];
  const silenced = parameters.slice();
  for (let i = 0; i < rows; i++) silenced[at + i * columns + neuron] = 0;
  return { shape, parameters: silenced };
}

/** The network with the last neuron of a wider one in the place of one of its own. */
function inPlaceOf({ shape, parameters }: DeepNetwork, neuron: number, wider: DeepNetwork): DeepNetwork {
  const layer = shape.widths.length - 1;
  const own = deepBlocks(shape);
  const others = deepBlocks(wider.shape);
  const width = shape.widths[layer];
  const changed = parameters.slice();
  const { at, columns } = others[layer];
  const incoming = wider.parameters.subarray(at + width * columns, at + (width + 1) * columns);
  changed.set(incoming, own[layer].at + neuron * columns);
  const [outputs, seen] = [own[layer + 1], others[layer + 1]];
  for (let i = 0; i < outputs.rows; i++) {
    changed[outputs.at + i * outputs.columns + neuron] = wider.parameters[seen.at + i * seen.columns + width];
  }
  return { shape, parameters: changed };
}
