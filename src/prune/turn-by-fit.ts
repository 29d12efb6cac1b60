import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { type DeepNetwork, deepBlocks, fromMatrices, matricesOf } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';
import { allSigns } from '../numeric/signs.js';
import type { Dataset } from '../records.js';
import { affineMapsOf, affineShare, hasMirrors } from './turn-mirrored.js';

/** With more neurons there are too many choices of signs. */
const mostNeurons = 12;

/** What the next layer sees must be told by turned neurons to this share of its variance; a descent does the rest. */
const told = 1e-3;

/** Keeps the normal equations of a fit definite, relative to their diagonal. */
const ridge = 1e-13;

/**
 * Sums of products over all samples, for one neuron of the next layer: of columns with each other (row-major), and with
 * what that neuron is to be told. Samples weigh as σ′ there: where it is closed, what it is told shows nowhere.
 */
interface Products {
  readonly gram: Float64Array;
  readonly right: Float64Array;
  readonly size: number;
  /** Σ of the squares of what is to be told, and of what it differs from its mean. */
  readonly total: number;
  readonly varying: number;
}

/** Incoming vectors are mirror images of each other where they differ by no more than this share of their length. */
const mirrored = 1e-2;

/**
 * The neurons of a layer without the later of each two that lie on both sides of one hyperplane: such a pair is a neuron
 * beside an affine map. Students that began with both signs of seven gelu neurons of 5 inputs (deep suite, three layers, 1)
 * kept all seven and the mirror images of five, opposite to 1e-6: as many as an affine map of the inputs needs.
 */
function withoutPairs({ values, rows, columns }: ReturnType<typeof matricesOf>[number]): number[] {
  const rowOf = (j: number) => values.subarray(j * columns, (j + 1) * columns);
  const areMirrored = (one: Float64Array, other: Float64Array) =>
    Math.hypot(...one.map((value, k) => value + other[k])) <= mirrored * Math.hypot(...one);
  const all = Array.from({ length: rows }, (_, j) => j);
  return all.filter((j) => !all.slice(0, j).some((before) => areMirrored(rowOf(before), rowOf(j))));
}

/** So many neurons that may be affine are told from the others of a layer in turn. */
const mostAffine = 4;

/**
 * The networks without affine neurons in a layer, as `turnByFit` has them, the last layer first: without all of them, and
 * without those that bend least, as one that hardly bends (5.7e-5 of its variance, gelu as above) stood beside one at 5e-17.
 */
export function turnAnyLayer(network: DeepNetwork, dataset: Dataset): DeepNetwork[] {
  return network.shape.widths
    .flatMap((_, layer) =>
      affineMapsOf(network, layer, dataset)
        .map(({ share }) => share)
        .filter((share) => share <= affineShare)
        .sort((a, b) => b - a)
        .slice(0, mostAffine)
        .map((share) => turnByFit(network, layer, dataset, share)),
    )
    .filter((turned) => turned !== undefined)
    .reverse();
}

/** The networks without the mirror images in a layer that has some, as `turnByFit` has them. */
export function turnPaired(network: DeepNetwork, dataset: Dataset): DeepNetwork[] {
  if (!hasMirrors(network)) return [];
  return matricesOf(network)
    .slice(0, -1)
    .flatMap((matrix, layer) => (withoutPairs(matrix).length < matrix.rows ? [layer] : []))
    .map((layer) => turnByFit(network, layer, dataset))
    .filter((turned) => turned !== undefined);
}

/**
 * The network without the neurons of a layer that are affine at every sample, and without those of which it has the mirror
 * images, where the others, turned as suits best, tell the next layer the same with other weights. Where a neuron bends for few samples, or those behind it are closed then, the
 * weights on it are open, and signs do not explain the affine map by the present ones: of softplus 7-6-4 (deep suite, 1)
 * a single weight of 24 was wrong, that on a neuron which is open at most samples. Undefined where no choice of signs does.
 * `share` of its variance is what an affine neuron leaves at most.
 */
export function turnByFit(
  network: DeepNetwork,
  layer: number,
  dataset: Dataset,
  share = affineShare,
): DeepNetwork | undefined {
  const { shape } = network;
  const matrices = matricesOf(network);
  const [own, next] = [matrices[layer], matrices[layer + 1]];
  const isAffine = affineMapsOf(network, layer, dataset).map((map) => map.share <= share);
  const kept = withoutPairs(own).filter((j) => !isAffine[j]);
  if (kept.length === 0 || kept.length === own.rows || kept.length > mostNeurons) return undefined;
  const products = productsOf(network, layer, kept, dataset);
  const most = told * products.reduce((sum, { varying }) => sum + varying, 0);
  const slope = activations[shape.activation].evenSlope(0);
  let best: { readonly signs: readonly number[]; readonly fit: Fit } | undefined;
  for (const signs of allSigns(kept.length)) {
    const fit = fitTurned(products, signs, slope);
    if (fit !== undefined && (best === undefined || fit.left < best.fit.left)) best = { signs, fit };
  }
  if (best === undefined || !(best.fit.left <= most)) return undefined;
  const { signs, fit } = best;
  const values = Float64Array.from(
    kept.flatMap((j, place) =>
      [...own.values.subarray(j * own.columns, (j + 1) * own.columns)].map((value) => signs[place] * value),
    ),
  );
  const turned = matrices.map((matrix, index) => {
    if (index === layer) return { values, rows: kept.length };
    return index === layer + 1 ? { values: fit.weights, rows: next.rows } : matrix;
  });
  return fromMatrices(shape.activation, shape.slope, turned);
}

/** Columns are what the kept neurons give, then their sums, then ones; to be told is what the next layer's sums are. */
function productsOf(
  network: DeepNetwork,
  layer: number,
  kept: readonly number[],
  dataset: Dataset,
): Products[] {
  const { shape, parameters } = network;
  const { count } = dataset;
  const { derivative } = activations[shape.activation];
  const [own, next] = deepBlocks(shape).slice(layer, layer + 2);
  const outputs = hiddenFeatures(network, dataset, layer);
  const seen = layer === 0 ? dataset.inputs : hiddenFeatures(network, dataset, layer - 1);
  const sumOf = ({ at, columns }: typeof own, row: number, values: Float64Array, n: number) =>
    sumAt(parameters, at + row * columns, columns - 1, values, n * (columns - 1));
  const isLast = layer === shape.widths.length - 1;
  const size = 2 * kept.length + 1;
  const columns = Array.from({ length: count }, (_, n) => [
    ...kept.map((j) => outputs[n * own.rows + j]),
    ...kept.map((j) => sumOf(own, j, seen, n)),
    1,
  ]);
  return Array.from({ length: next.rows }, (_, i) => {
    const gram = new Float64Array(size * size);
    const right = new Float64Array(size);
    let [total, sum, all] = [0, 0, 0];
    columns.forEach((column, n) => {
      const wanted = sumOf(next, i, outputs, n);
      const weight = isLast ? 1 : derivative(wanted, shape.slope) ** 2;
      for (let a = 0; a < size; a++) {
        for (let b = 0; b < size; b++) gram[a * size + b] += weight * column[a] * column[b];
        right[a] += weight * column[a] * wanted;
      }
      total += weight * wanted * wanted;
      sum += weight * wanted;
      all += weight;
    });
    return { gram, right, size, total, varying: total - (sum * sum) / all };
  });
}

/** The next layer's weights (rows × (neurons + 1), bias last) that tell it best, and the sum of squares that they leave. */
interface Fit {
  readonly weights: Float64Array;
  readonly left: number;
}

/** Least squares for every neuron of the next layer over what turned neurons give: σ(−z) = σ(z) − κz. */
function fitTurned(products: readonly Products[], signs: readonly number[], slope: number): Fit | undefined {
  const m = signs.length + 1;
  const weights = new Float64Array(products.length * m);
  let left = 0;
  for (const [i, own] of products.entries()) {
    const fit = fitRow(own, signs, slope);
    if (fit === undefined) return undefined;
    weights.set(fit.weights, i * m);
    left += fit.left;
  }
  return { weights, left };
}

/** The same for one neuron. */
function fitRow(
  { gram, right, size, total }: Products,
  signs: readonly number[],
  slope: number,
): Fit | undefined {
  const r = signs.length;
  const m = r + 1;
  // column a of the fit is column `own` plus `factor` times column `sum`
  const terms = Array.from({ length: m }, (_, a) =>
    a === r ? { own: 2 * r, sum: 0, factor: 0 } : { own: a, sum: r + a, factor: signs[a] < 0 ? -slope : 0 },
  );
  const matrix = new Float64Array(m * m);
  const at = (a: number, b: number) => gram[a * size + b];
  terms.forEach((one, a) => {
    terms.forEach((other, b) => {
      matrix[a * m + b] =
        at(one.own, other.own) +
        one.factor * at(one.sum, other.own) +
        other.factor * at(one.own, other.sum) +
        one.factor * other.factor * at(one.sum, other.sum);
    });
  });
  for (let a = 0; a < m; a++) matrix[a * m + a] *= 1 + ridge;
  const factor = factorCholesky(matrix, m);
  if (factor === undefined) return undefined;
  const b = Float64Array.from(terms, (term) => right[term.own] + term.factor * right[term.sum]);
  const weights = b.slice();
  solveCholesky(factor, m, weights);
  return { weights, left: total - weights.reduce((sum, weight, a) => sum + weight * b[a], 0) };
}
