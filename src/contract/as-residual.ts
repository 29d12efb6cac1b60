import { activations } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { tieLayer } from '../network/residual.js';
import { dot } from '../numeric/dot.js';
import { descendWith, type PolishedDeep, polishDeep } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { affineMaps } from '../prune/turn-mirrored.js';
import type { Dataset } from '../records.js';

/** Neurons are mirror images where their rows differ by this share of their length from opposite ones. */
const mirroredWithin = 0.02;

/** A neuron stands in for an affine map where such a map leaves this share of its variance at most. */
const affineShare = 1e-6;

/** The path of what descended is one of a residual layer to this share; how much nearer it has to be the ending knows. */
const tiedWithin = 1e-2;

/**
 * What a network with two hidden layers is with a path past the second one, where it is a residual layer (method.md §6):
 * even + linear neurons without a path give what a path does in pairs on both sides of a hyperplane, σ(z) − σ(−z) = κz, and in
 * neurons that are affine wherever they are seen. Of 4-4 ReLU neurons in float32, the second layer residual, students
 * contracted to 4-6, and of 5-5 silu neurons to 5-9. Undefined where there are none, or no signs tie what is left.
 */
export async function asResidual(
  network: DeepNetwork,
  dataset: Dataset,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  const found = besidePath(network, dataset);
  if (found === undefined) return undefined;
  const { fitter, kernels } = attempt.environment;
  const floor = problem.task.tolerances.training;
  const [first, second] = found.network.shape.widths;
  if (second > first && !found.arePaired) return undefined;
  const options = { maxIterations: 100, patience: 15, minDecrease: 0.1, tolerance: floor };
  let fitted = await descendWith(options, found.network, dataset, fitter);
  if (second > first) fitted = await contract(fitted, dataset, { floor, fitter, kernels });
  if (!(fitted.loss <= floor)) return undefined;
  const polished = await polishDeep(fitted, dataset, fitter);
  const tied = tieLayer(polished, tiedWithin);
  return tied && { ...tied.network, loss: polished.loss };
}

/** The same function with a path for what mirrored and affine neurons of the second layer give on. */
function besidePath(
  network: DeepNetwork,
  dataset: Dataset,
): { network: DeepNetwork; arePaired: boolean } | undefined {
  const { shape, parameters } = network;
  const { widths, skip, normalised, outputs: o, activation, slope } = shape;
  const { symmetry, homogeneous, evenSlope } = activations[activation];
  const isPlain = !skip && !normalised && shape.activations === undefined;
  if (widths.length !== 2 || !isPlain || symmetry !== 'even-linear') return undefined;
  const [m, n] = widths;
  const [first, second, last] = deepBlocks(shape);
  const rows = Array.from({ length: n }, (_, j) =>
    parameters.slice(second.at + j * second.columns, second.at + (j + 1) * second.columns),
  );
  const outgoing = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: o }, (_, i) => parameters[last.at + i * last.columns + j]),
  );
  /** From the first layer to the outputs, bias last. */
  const path = Array.from({ length: o }, (_, i) => {
    const own = new Float64Array(m + 1);
    own[m] = parameters[last.at + i * last.columns + n];
    return own;
  });
  const give = (neuron: Float64Array, map: ArrayLike<number>, factor: number) => {
    for (let i = 0; i < o; i++) for (let k = 0; k <= m; k++) path[i][k] += factor * neuron[i] * map[k];
  };
  const kept: number[] = [];
  for (let j = 0; j < n; j++) {
    const other = kept.find((i) => isMirrored(rows[i], rows[j], homogeneous));
    if (other === undefined) {
      kept.push(j);
      continue;
    }
    // σ(−s·z) = s·(σ(z) − κz), where s is 1 unless σ is homogeneous
    const size = homogeneous ? Math.sqrt(dot(rows[j], rows[j]) / dot(rows[other], rows[other])) : 1;
    give(outgoing[j], rows[other], -size * evenSlope(slope));
    outgoing[j].forEach((weight, i) => {
      outgoing[other][i] += size * weight;
    });
  }
  const arePaired = kept.length < n;
  const seen = hiddenFeatures(network, dataset, 0);
  const given = hiddenFeatures(network, dataset, 1);
  const maps = affineMaps(seen, m, given, n, dataset.count);
  const left = kept.filter((j) => maps[j].share > affineShare);
  for (const j of kept) if (!left.includes(j)) give(outgoing[j], maps[j].coefficients, 1);
  if (left.length === n || left.length === 0) return undefined;
  const before = parameters.subarray(0, first.rows * first.columns);
  const behind = path.map((own, i) => [...left.map((j) => outgoing[j][i]), ...own]);
  const like = { inputs: shape.inputs, widths: [m, left.length], outputs: o, activation, slope };
  return {
    arePaired,
    network: {
      shape: { ...like, skip: true, residual: true },
      parameters: Float64Array.of(...before, ...left.flatMap((j) => [...rows[j]]), ...behind.flat()),
    },
  };
}

function isMirrored(u: Float64Array, v: Float64Array, isHomogeneous: boolean): boolean {
  const factor = isHomogeneous ? dot(u, v) / dot(v, v) : -1;
  const difference = Math.hypot(...u.map((value, k) => value - factor * v[k]));
  return factor < 0 && difference <= mirroredWithin * Math.hypot(...u);
}
