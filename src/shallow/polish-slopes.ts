import { minimise } from '../optimise/levenberg-marquardt.js';
import { slopesProblem } from '../optimise/slopes-problem.js';
import { type PolishedShallow, toMinimum } from '../polish/polish.js';
import type { Oriented } from '../reconstruct/resolve-mirrors.js';
import { resolveSlopes } from '../reconstruct/resolve-slopes.js';
import type { Dataset } from '../records.js';

/** The network without its path may leave so many times what ReLU neurons with the path leave: both are the floor. */
const same = 4;

/**
 * ReLU neurons with an affine path as leaky ReLU neurons with a slope each (method.md §6), after a descent of weights and
 * slopes together. Undefined where slopes do not explain the path, or the descent ends above where the path's did.
 */
export function polishSlopes(
  settled: PolishedShallow,
  dataset: Dataset,
  tolerance: number,
): { readonly oriented: Oriented; readonly polished: PolishedShallow } | undefined {
  const found = resolveSlopes(settled, tolerance);
  if (found === undefined) return undefined;
  const { hidden } = settled.shape;
  const bare = { ...settled.shape, activation: 'leaky_relu', slope: 0, skip: false } as const;
  const problem = slopesProblem(bare, dataset);
  const start = Float64Array.of(...found.parameters, ...found.slopes);
  const { parameters: all, loss } = minimise(problem, start, toMinimum);
  problem.dispose();
  if (!(loss <= same * settled.loss)) return undefined;
  const slopes = all.slice(all.length - hidden);
  const { signs, residual } = found;
  const incoming = all.slice(0, hidden * (bare.inputs + 1));
  return {
    oriented: {
      activation: 'leaky_relu',
      slope: slopes[0],
      incoming,
      signs: { kind: 'resolved', signs, half: Number.NaN, residual },
    },
    polished: {
      shape: { ...bare, slope: slopes[0], slopes },
      parameters: all.slice(0, all.length - hidden),
      loss,
    },
  };
}
