import type { EndingContext } from '../../src/ending/context.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { meterTarget, type Target } from '../../src/query/oracle.js';
import { queriesAsSource } from '../../src/query/source.js';

const kernels = loadKernels();

/** An ending of a target of `inputs` numbers with one output, which is measured in `scale`, whose coordinates have a limit. */
export function endingFor(
  target: Target,
  inputs: number,
  { scale = 1, seed = 0, limit = Number.POSITIVE_INFINITY } = {},
): EndingContext {
  const source = queriesAsSource(meterTarget(target, inputs, Number.POSITIVE_INFINITY, limit), seed);
  return {
    seed,
    source,
    accuracy: {
      scales: Float64Array.of(scale),
      roundoff: 2 ** -53,
      noise: 0,
      quantisation: 0,
      quanta: Float64Array.of(0),
    },
    relativeError: 2 ** -53,
    whole: source.collect(),
    spread: 2,
    fitter: createInlineFitter(kernels),
    kernels,
  };
}
