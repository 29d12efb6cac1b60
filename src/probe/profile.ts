import type { Kernels, Samples } from '../kernels/kernels.js';
import { type ActivationName, activations } from '../network/activations.js';
import { isBounded, isTriedFirst, triedActivations } from '../network/families.js';
import { dot } from '../numeric/dot.js';
import { minimise } from '../optimise/levenberg-marquardt.js';
import { along, type Scalar, valuesAt } from './far-field.js';
import type { Bend } from './kinks.js';

/** A neuron as its bend shows it. */
export interface ProbedNeuron {
  /** Incoming vector (d+1), bias last; its length is 1, bias apart, where the activation leaves it open. */
  readonly incoming: Float64Array;
  /** The activation whose graph the bend is; `relu` stands for leaky ReLU too. */
  readonly activation: ActivationName;
}

/** Activations that grow, each with a graph of its own: those that are tried first, and the others. */
const withGraphs = triedActivations.filter((name) => !isBounded(name) && !activations[name].homogeneous);
const graphs = [withGraphs.filter(isTriedFirst), withGraphs.filter((name) => !isTriedFirst(name))];

/** Points of a bend that are compared with the graphs, and how many widths they span. */
const points = 61;
const span = 6;

/** A graph fits when what it leaves is this small a share of the bend's slope times its span, squared. */
const largestMisfit = 1e-17;

/**
 * Reads a neuron off its bend, where everything else is linear: f = α + β·s + γ·σ(κ·s + δ) along the line. That is
 * a network with one neuron and an affine path, trained like any student; the activation that leaves nothing is
 * the target's. Undefined where none does. With `activation` that one alone is tried.
 */
export async function readNeuron(
  scalar: Scalar,
  { kink, normal, slant, width }: Bend,
  kernels: Kernels,
  activation?: ActivationName,
): Promise<ProbedNeuron | undefined> {
  const offset = -dot(normal, kink.at);
  if (width === 0) return { incoming: withBias(normal, offset), activation: 'relu' };
  const length = span * width;
  const inputs = Float64Array.from({ length: points }, (_, i) => (2 * i) / (points - 1) - 1);
  const values = await valuesAt(
    scalar,
    Array.from(inputs, (s) => along(kink.at, kink.direction, s * length)),
  );
  const scale = Math.abs(kink.jump) * length;
  const outputs = values.map((value) => (value - values[0]) / scale);
  const misfit = largestMisfit + (kink.noise / scale) ** 2;
  const samples = { inputs, outputs, count: points };
  let best = bestGraph(activation === undefined ? graphs[0] : [activation], samples, kernels);
  if (activation === undefined && !(best !== undefined && best.loss <= misfit))
    best = bestGraph(graphs[1], samples, kernels);
  if (!(best !== undefined && best.loss <= misfit)) return undefined;
  const [steepness, shift] = best.parameters;
  const weights = normal.map((value) => (value * steepness) / (length * slant));
  return { incoming: withBias(weights, shift - dot(weights, kink.at)), activation: best.activation };
}

/** The activation whose graph fits a bend best, with α, β, γ, κ and δ as the parameters of one neuron. */
function bestGraph(names: readonly ActivationName[], samples: Samples, kernels: Kernels) {
  let best: { activation: ActivationName; loss: number; parameters: Float64Array } | undefined;
  for (const activation of names) {
    const shape = { inputs: 1, hidden: 1, outputs: 1, activation, slope: 0, skip: true };
    const problem = kernels.shallow(shape, samples);
    for (const steepness of [6, 18, -6, -18]) {
      const start = Float64Array.of(steepness, 0, 1 / steepness, 0, 0);
      const { loss, parameters } = minimise(problem, start, { maxIterations: 60 });
      if (best === undefined || loss < best.loss) best = { activation, loss, parameters };
    }
    problem.dispose();
  }
  return best;
}

function withBias(weights: Float64Array, bias: number): Float64Array {
  return Float64Array.of(...weights, bias);
}
