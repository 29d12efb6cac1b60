import type { Network } from '../../records.js';
import { formatJson, toJson } from '../format-json.js';

/**
 * A network as JSON text: `activation`, `slope` and `layers`, each with `inputs`, `outputs`, `weights` (outputs ×
 * inputs, row-major) and `biases`. The numbers read back to the same float64.
 */
export function encodeNetworkJson(network: Network): string {
  const { activation, slope, layers, head } = network;
  return `${formatJson(toJson({ activation, slope, layers, ...(head && { head }) }))}\n`;
}
