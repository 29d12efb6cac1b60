import { activations } from '../network/activations.js';
import { type DeepNetwork, fromMatrices, matricesOf } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { resolveSigns } from '../reconstruct/signs.js';
import type { Dataset } from '../records.js';

/** A neuron stands in for an affine map where such a map leaves this share of its variance at most. */
export const affineShare = 1e-4;

/** Signs must explain what the affine neurons give on to this, relative to the neurons' own affine parts. */
const explained = 0.02;

/** Whether neurons that point the wrong way are as good as others beside an affine map. */
export const hasMirrors = ({ shape }: DeepNetwork): boolean =>
  !shape.skip && activations[shape.activation].symmetry === 'even-linear';

/**
 * With σ(−z) = σ(z) − κz a neuron that points the wrong way is as good as one that points the right way beside an affine
 * map, and neurons that are affine at every sample stand in for that map. Networks without those neurons, in which
 * others are turned so that no affine map is needed: a layer each, the last one first. Empty where the activation is of
 * another kind, or no choice of signs explains what those neurons give on.
 */
export function turnMirrored(network: DeepNetwork, dataset: Dataset): DeepNetwork[] {
  const { shape } = network;
  if (!hasMirrors(network)) return [];
  const turned: DeepNetwork[] = [];
  for (let layer = shape.widths.length - 1; layer >= 0; layer--) {
    const next = turnLayer(network, layer, dataset);
    if (next !== undefined) turned.push(next);
  }
  return turned;
}

/** Whether neurons stand in for an affine map that turned ones may need none of. */
export function hasAffine(network: DeepNetwork, dataset: Dataset): boolean {
  if (!hasMirrors(network)) return false;
  return network.shape.widths.some((_, layer) =>
    affineMapsOf(network, layer, dataset).some(({ share }) => share <= affineShare),
  );
}

/** For every neuron of a layer its best affine map of what the layer sees. */
export function affineMapsOf(network: DeepNetwork, layer: number, dataset: Dataset) {
  const { inputs, widths } = network.shape;
  const seen = layer === 0 ? dataset.inputs : hiddenFeatures(network, dataset, layer - 1);
  const outputs = hiddenFeatures(network, dataset, layer);
  const d = layer === 0 ? inputs : widths[layer - 1];
  return affineMaps(seen, d, outputs, widths[layer], dataset.count);
}

function turnLayer(network: DeepNetwork, layer: number, dataset: Dataset): DeepNetwork | undefined {
  const { shape } = network;
  const matrices = matricesOf(network);
  const [own, next] = [matrices[layer], matrices[layer + 1]];
  const maps = affineMapsOf(network, layer, dataset);
  const isAffine = maps.map(({ share }) => share <= affineShare);
  const kept = maps.map((_, j) => j).filter((j) => !isAffine[j]);
  if (kept.length === 0 || kept.length === own.rows) return undefined;
  const d = own.columns - 1;
  const weight = (i: number, j: number) => next.values[i * next.columns + j];
  const skip = new Float64Array(next.rows * d);
  const parts = new Float64Array(kept.length * next.rows * d);
  for (let i = 0; i < next.rows; i++) {
    for (let k = 0; k < d; k++) {
      for (const [j, { coefficients }] of maps.entries()) {
        if (isAffine[j]) skip[i * d + k] += weight(i, j) * coefficients[k];
      }
      for (const [place, j] of kept.entries()) {
        parts[(place * next.rows + i) * d + k] = weight(i, j) * own.values[j * own.columns + k];
      }
    }
  }
  const half = activations[shape.activation].evenSlope(0) / 2;
  const resolved = resolveSigns(skip, parts, half, explained);
  if (resolved.kind !== 'resolved' || resolved.signs.every((sign) => sign === 1)) return undefined;
  const values = new Float64Array(kept.length * own.columns);
  const behind = new Float64Array(next.rows * (kept.length + 1));
  for (const [place, j] of kept.entries()) {
    for (let k = 0; k < own.columns; k++) {
      values[place * own.columns + k] = resolved.signs[place] * own.values[j * own.columns + k];
    }
  }
  for (let i = 0; i < next.rows; i++) {
    let bias = weight(i, own.rows);
    for (const [j, { coefficients }] of maps.entries())
      if (isAffine[j]) bias += weight(i, j) * coefficients[d];
    for (const [place, j] of kept.entries()) {
      behind[i * (kept.length + 1) + place] = weight(i, j);
      // σ(z) = σ(−z) + κz: the constant of the turned neuron's affine part stays in the bias
      if (resolved.signs[place] < 0) bias += 2 * half * weight(i, j) * own.values[j * own.columns + d];
    }
    behind[i * (kept.length + 1) + kept.length] = bias;
  }
  return fromMatrices(
    shape.activation,
    shape.slope,
    matrices.map((matrix, index) => {
      if (index === layer) return { values, rows: kept.length };
      return index === layer + 1 ? { values: behind, rows: next.rows } : matrix;
    }),
  );
}

/** For every column of `outputs` (count × m) its best affine map of `seen` (count × d), and the share that is left. */
export function affineMaps(
  seen: Float64Array,
  d: number,
  outputs: Float64Array,
  m: number,
  count: number,
): { readonly coefficients: Float64Array; readonly share: number }[] {
  const features = new Float64Array(count * (d + 1)).fill(1);
  for (let n = 0; n < count; n++) features.set(seen.subarray(n * d, (n + 1) * d), n * (d + 1));
  return Array.from({ length: m }, (_, j) => {
    const own = Float64Array.from({ length: count }, (_, n) => outputs[n * m + j]);
    const mean = own.reduce((sum, value) => sum + value, 0) / count;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const { coefficients, loss } = solveLeastSquares(features, own, count, d + 1, 1, 1e-10);
    return { coefficients, share: variance > 0 ? loss / variance : 0 };
  });
}
