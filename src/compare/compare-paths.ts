import type { Network } from '../records.js';

/**
 * The largest error of a network's paths beside the truth's, each relative to the true path, or where there is none to
 * the layer that it leads to. `order` has the matched neurons of every hidden layer, whose signs and scales are fixed.
 */
export function pathErrors(
  recovered: Pick<Network, 'layers' | 'paths'>,
  truth: Pick<Network, 'layers' | 'paths'>,
  order: readonly (readonly { readonly recovered: number; readonly truth: number }[])[],
): number[] {
  const keys = new Set([...(recovered.paths ?? []), ...(truth.paths ?? [])].map((p) => `${p.from} ${p.to}`));
  const widths = [truth.layers[0].inputs, ...truth.layers.map(({ outputs }) => outputs)];
  const identity = (count: number) => Array.from({ length: count }, (_, i) => ({ recovered: i, truth: i }));
  const unitsOf = (layer: number) =>
    layer === 0 || layer === truth.layers.length ? identity(widths[layer]) : order[layer - 1];
  return [...keys].map((key) => {
    const [from, to] = key.split(' ').map(Number);
    const [r, t] = [recovered, truth].map(({ paths = [] }) =>
      paths.find((path) => path.from === from && path.to === to),
    );
    let [difference, size] = [0, 0];
    for (const row of unitsOf(to)) {
      for (const column of unitsOf(from)) {
        const rWidth = r === undefined ? 0 : r.weights.length / recovered.layers[to - 1].outputs;
        const found = r?.weights[row.recovered * rWidth + column.recovered] ?? 0;
        const known = t?.weights[row.truth * widths[from] + column.truth] ?? 0;
        difference += (found - known) ** 2;
        size += known ** 2;
      }
    }
    const whole = size > 0 ? size : truth.layers[to - 1].weights.reduce((sum, w) => sum + w * w, 0);
    return difference === 0 ? 0 : Math.sqrt(difference / whole);
  });
}
