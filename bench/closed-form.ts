import { randomStream } from '../src/base/random.js';
import { createThreadedFitter } from '../src/execute/threads.js';
import { scheduleFor } from '../src/expand/schedule.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import type { Target } from '../src/query/oracle.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import type { BenchContext } from './contest.js';

/** Targets with as many neurons as dimensions in which their answers change: activation, inputs, neurons, outputs. */
const targets: readonly (readonly [ActivationName, number, number, number])[] = [
  ['tanh', 24, 16, 6],
  ['tanh', 64, 32, 10],
  ['softplus', 64, 32, 10],
];

/** Whole recoveries whose first layer is found in closed form, beside the same by students alone. */
export async function benchClosedForm(context: BenchContext): Promise<void> {
  const { threads, quick } = context;
  context.head('recoveries, first layer in closed form', 'students');
  const kernels = loadKernels();
  const fitter = createThreadedFitter(threads);
  const environment = { fitter, kernels };
  try {
    for (const [activation, d, r, o] of quick ? targets.slice(0, 1) : targets) {
      const target = targetOf(activation, d, r, o);
      const run = async (around: Parameters<typeof recover>[2]) => {
        const start = performance.now();
        const recovery = await recover(target, { inputDimension: d, activation }, around);
        return { recovery, seconds: (performance.now() - start) / 1e3 };
      };
      const closed = await run(environment);
      // a schedule that is given is all that is tried
      const students = await run({ ...environment, schedule: scheduleFor(r, r) });
      const name = `${d}-${r}-${o} ${activation}`;
      const [relaxed, peer] = [closed, students].map(({ seconds }) => seconds);
      context.row({ part: 'closed-form', name, simd: null, relaxed, peer, operations: 0 });
      for (const { recovery } of [closed, students]) {
        context.note(`  ${recovery.verdict} after ${recovery.queries} queries`);
      }
    }
  } finally {
    await fitter.close();
  }
}

function targetOf(activation: ActivationName, d: number, r: number, o: number): Target {
  const random = randomStream('bench', 'closed form', activation, d, r, o);
  const normals = (count: number, deviation: number) =>
    Float64Array.from({ length: count }, () => deviation * random.normal());
  const network: Network = {
    activation,
    slope: 0,
    layers: [
      {
        ...{ inputs: d, outputs: r },
        weights: normals(r * d, 1.2 / Math.sqrt(d)),
        biases: normals(r, 0.7),
      },
      {
        ...{ inputs: r, outputs: o },
        weights: normals(o * r, 1 / Math.sqrt(r)),
        biases: new Float64Array(o),
      },
    ],
  };
  return (inputs, count) => forward(network, inputs, count);
}
