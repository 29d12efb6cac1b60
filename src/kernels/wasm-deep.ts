import { activations } from '../network/activations.js';
import { activationOf, type DeepShape, deepParameterCount } from '../network/deep.js';
import type { LeastSquares, Samples } from './kernels.js';
import type { Machine } from './machine.js';
import { WasmProblem } from './wasm-problem.js';

/** The fields of `Deep` in assembly/deep.ts, as 32-bit words behind the slope. */
const fields = [
  'count',
  'features',
  'outputs',
  'depth',
  'skip',
  'window',
  'windowBlocks',
  'parameters',
  'gradient',
  'normal',
  'levels',
] as const;
const descriptorBytes = 64;

/** Bytes of a record of class `Level` in assembly/deep.ts, which begins with the width of its layer. */
const levelBytes = 36;

/** The least-squares problem of `Kernels.deep` in WebAssembly. */
export function deepProblem(machine: Machine, shape: DeepShape, samples: Samples): LeastSquares {
  const { inputs, widths, outputs, slope } = shape;
  const { exports } = machine;
  const layers = [...widths, outputs];
  return new WasmProblem(
    machine,
    {
      inputs,
      outputs,
      parameterCount: deepParameterCount(shape),
      descriptorBytes: Math.ceil((descriptorBytes + layers.length * levelBytes) / 64) * 64,
      normalField: 8 + 4 * fields.indexOf('normal'),
      describe({ arena }, at) {
        const levels = at.descriptor + descriptorBytes;
        const values: Record<(typeof fields)[number], number> = {
          count: samples.count,
          features: inputs + 1,
          outputs,
          depth: widths.length,
          skip: shape.skip ? (shape.residual ? 2 : 1) : 0,
          window: at.window.at,
          windowBlocks: at.window.blocks,
          parameters: at.parameters,
          gradient: at.gradient,
          normal: 0,
          levels,
        };
        arena.f64[at.descriptor / 8] = slope;
        arena.i32.set(
          fields.map((name) => values[name]),
          at.descriptor / 4 + 2,
        );
        layers.forEach((width, index) => {
          const level = (levels + index * levelBytes) / 4;
          arena.i32[level] = width;
          arena.i32[level + 1] = activations[activationOf(shape, index)].kernel;
        });
      },
      gradientScratch: exports.deepGradientScratch,
      normalScratch: exports.deepNormalScratch,
      loss: exports.deepLoss,
      lossAndGradient: exports.deepGradient,
      linearise: exports.deepLinearise,
      curvature: { scratch: exports.deepCurvatureScratch, evaluate: exports.deepCurvature },
    },
    samples,
  );
}
