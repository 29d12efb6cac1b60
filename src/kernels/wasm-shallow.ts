import { activations } from '../network/activations.js';
import { type LeastSquares, type Samples, type ShallowShape, shallowParameterCount } from './kernels.js';
import type { Machine } from './machine.js';
import type { SampleWindow } from './sample-window.js';
import { type ProblemAddresses, WasmProblem } from './wasm-problem.js';

/** The fields of `Shallow` in assembly/shallow.ts, as 32-bit words behind the slope. */
const fields = [
  'activation',
  'count',
  'features',
  'hidden',
  'outputs',
  'extra',
  'window',
  'windowBlocks',
  'parameters',
  'gradient',
  'normal',
] as const;

/** The least-squares problem of `Kernels.shallow` in WebAssembly. */
export function shallowProblem(machine: Machine, shape: ShallowShape, samples: Samples): LeastSquares {
  const { inputs, outputs } = shape;
  const { exports } = machine;
  return new WasmProblem(
    machine,
    {
      inputs,
      outputs,
      parameterCount: shallowParameterCount(shape),
      descriptorBytes: 64,
      normalField: 8 + 4 * fields.indexOf('normal'),
      describe: (_, at) => describeShallow(machine, shape, samples.count, at),
      gradientScratch: exports.gradientScratch,
      normalScratch: exports.normalScratch,
      loss: exports.loss,
      lossAndGradient: exports.lossAndGradient,
      linearise: exports.linearise,
    },
    samples,
  );
}

/** Writes the record of class `Shallow` in assembly/shallow.ts. */
export function describeShallow(
  { arena }: Machine,
  { inputs, hidden, outputs, skip, slope, activation }: ShallowShape,
  count: number,
  at: Omit<ProblemAddresses, 'window'> & { readonly window: Pick<SampleWindow, 'at' | 'blocks'> },
): void {
  const values: Record<(typeof fields)[number], number> = {
    activation: activations[activation].kernel,
    count,
    features: inputs + 1,
    hidden,
    outputs,
    extra: skip ? inputs + 1 : 1,
    window: at.window.at,
    windowBlocks: at.window.blocks,
    parameters: at.parameters,
    gradient: at.gradient,
    normal: 0,
  };
  arena.f64[at.descriptor / 8] = slope;
  arena.i32.set(
    fields.map((name) => values[name]),
    at.descriptor / 4 + 2,
  );
}
