import { activations } from '../network/activations.js';
import { type DeepNetwork, deepParameterCount } from '../network/deep.js';
import { type TiedLayer, tieLayer } from '../network/residual.js';
import { type ShallowNetwork, splitParameters } from '../network/shallow.js';
import { type Peeled, unpeelIncoming } from '../peel/peeled.js';
import { neuronsOf } from '../records.js';

/**
 * A known first layer and the network with an affine path that was found behind it as a residual layer,
 * A·(h + σ(W·h + b)), where signs of its neurons make it one (method.md §6). Undefined otherwise, and where the first
 * layer's own signs are open.
 */
export function residualBehind(
  peeled: Peeled,
  found: ShallowNetwork,
  tolerance: number,
): TiedLayer | undefined {
  const network = besidePath(peeled, found);
  return network && tieLayer(network, tolerance);
}

/** A known first layer and what is behind it, with the path that leads past that. */
function besidePath(peeled: Peeled, { shape, parameters }: ShallowNetwork): DeepNetwork | undefined {
  const [first, ...others] = peeled.layers;
  const isEven = activations[shape.activation].symmetry === 'even-linear';
  if (others.length > 0 || !first.oriented || !shape.skip || !isEven) return undefined;
  const { hidden: n, outputs, activation, slope } = shape;
  const m = neuronsOf(first);
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const columns = n + m + 1;
  const rows = Array.from({ length: outputs }, (_, i) => outgoing.subarray(i * columns, (i + 1) * columns));
  const paths = unpeelIncoming(peeled, Float64Array.from(rows.flatMap((row) => [...row.subarray(n)])));
  const whole = {
    ...{ inputs: first.inputs, widths: [m, n], outputs, activation, slope },
    ...{ skip: true, residual: true },
  };
  const values = new Float64Array(deepParameterCount(whole));
  values.set(first.incoming);
  values.set(unpeelIncoming(peeled, incoming), first.incoming.length);
  let at = first.incoming.length + n * (m + 1);
  rows.forEach((row, i) => {
    values.set(row.subarray(0, n), at);
    values.set(paths.subarray(i * (m + 1), (i + 1) * (m + 1)), at + n);
    at += columns;
  });
  return { shape: whole, parameters: values };
}
