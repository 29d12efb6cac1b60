import { type Kernels, type ShallowShape, shallowParameterCount } from '../src/kernels/kernels.js';
import { type BenchContext, missing, startBuilds } from './contest.js';
import { compare, timed } from './measure.js';
import { startPeer } from './peer.js';
import { spread } from './samples.js';

/** The grid of the MLPGradientFlow paper, and two larger cases. */
function casesOf(quick: boolean) {
  const counts = quick ? [100, 1000] : [100, 1000, 10_000, 100_000];
  const grid = [10, 50, 100].flatMap((hidden) =>
    counts.map((count) => ({ inputs: 2, hidden, outputs: 1, count })),
  );
  if (quick) return grid;
  grid.push({ inputs: 32, hidden: 64, outputs: 1, count: 10_000 });
  grid.push({ inputs: 784, hidden: 128, outputs: 10, count: 60_000 });
  return grid;
}

/** Largest difference of two losses, relative to either, that rounding explains. */
const tolerances = { float64: 1e-10, float32: 1e-4 };

/**
 * Loss and gradient of a softplus network on all samples, one thread, beside PyTorch's automatic differentiation.
 * Throws when the losses differ by more than rounding: then they are not the same work.
 */
export async function benchGradient(context: BenchContext): Promise<void> {
  const peer = await startPeer('gradient', context.python);
  if (peer === undefined) context.note(missing('PyTorch', 'python3-torch'));
  try {
    for (const precision of ['float64', 'float32'] as const) {
      context.head(`loss and gradient, softplus, ${precision}`, peer?.version ?? 'PyTorch');
      for (const one of casesOf(context.quick)) {
        const { inputs, hidden, outputs, count } = one;
        const name = `d = ${inputs}, m = ${hidden}, n = ${count}${outputs > 1 ? `, ${outputs} outputs` : ''}`;
        const shape: ShallowShape = {
          inputs,
          hidden,
          outputs,
          activation: 'softplus',
          slope: 0.01,
          skip: false,
        };
        const samples = {
          inputs: spread(count * inputs, 2),
          outputs: spread(count * outputs, 3),
          count,
        };
        const scale = 4 / Math.sqrt(inputs + 1); // pre-activations of a trained network's size, whatever d
        const parameters = spread(shallowParameterCount(shape), 1).map((value, index) =>
          index < hidden * (inputs + 1) ? scale * value : value,
        );
        const expected = (await peer?.ask({ ...one, precision }))?.loss;
        const contestant = (kernels: Kernels | undefined) => {
          if (kernels === undefined) return undefined;
          const problem =
            precision === 'float64'
              ? kernels.shallow(shape, samples)
              : kernels.shallowInFloat32(shape, samples);
          const gradient = new Float64Array(problem.parameterCount);
          const loss = problem.lossAndGradient(parameters, gradient);
          if (typeof expected === 'number' && !(Math.abs(loss / expected - 1) < tolerances[precision])) {
            throw new Error(`${name}, ${precision}: our loss is ${loss}, the peer's ${expected}`);
          }
          return timed(() => problem.lossAndGradient(parameters, gradient));
        };
        const { simd, relaxed } = startBuilds();
        const [a, b, c] = await compare(
          [
            contestant(simd),
            contestant(relaxed),
            peer && (async (times) => Number((await peer.ask({ times })).seconds)),
          ],
          context.patience,
        );
        context.row({ part: 'gradient', name, simd: a, relaxed: b, peer: c, operations: 0 });
      }
    }
  } finally {
    peer?.close();
  }
}
