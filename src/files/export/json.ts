import { activationText } from '../../network/layer-names.js';
import type { Network } from '../../records.js';
import { formatJson, toJson } from '../format-json.js';

/**
 * A network as JSON text: `activation` (with commas between those of layers that differ, which `activations` lists),
 * `slope` (and `slopes`, a list a hidden layer, of neurons that have one each; `norms`, where sums are normalised) and `layers`, each with `inputs`,
 * `outputs`, `weights` (outputs × inputs, row-major) and `biases`; `paths` where linear paths pass layers, each with `from` (0 the inputs, ℓ hidden layer
 * ℓ), `to` (the layer whose sums they are added to, from 1) and `weights`. The numbers read back to the same float64.
 */
export function encodeNetworkJson(network: Network): string {
  const { activations, slope, slopes, norms, layers, paths, head } = network;
  const fields = {
    activation: activationText(network),
    ...(activations && { activations }),
    slope,
    ...(slopes && { slopes }),
    ...(norms && { norms }),
    layers,
    ...(paths && { paths }),
    ...(head && { head }),
  };
  return `${formatJson(toJson(fields))}\n`;
}
