import { type DeepShape, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import type { Fitter } from '../optimise/fit.js';
import { descend } from '../polish/polish-deep.js';
import type { Dataset } from '../records.js';

/** The descent behind the first layer: what that is off by is soon all that is left. */
const descent = { maxIterations: 80, patience: 20, minDecrease: 0.1, acceleration: true };

/**
 * The best `keep` of some starts after a descent of all layers behind the first, which is held as it was read: the first
 * steps from random layers behind it may spoil it. Of gelu 7-6-4 (deep suite, 1, float32), the first layer off by 1e-3 a
 * weight, the best of four of 7-12-12 came to 2e-7 of the variance so, and with all layers to 1e-9 in 60 iterations more;
 * two that let all layers descend at once were at 4e-8 and 1.5e-4 after 120. Those of silu came to 2e-7 and 5e-10, of elu
 * to 1e-6 and 7e-7, of g to 2e-4 and 1e-4.
 */
export async function descendBehindFirst(
  shape: DeepShape,
  starts: readonly Float64Array[],
  dataset: Dataset,
  tolerance: number,
  keep: number,
  fitter: Fitter,
): Promise<Float64Array[]> {
  const [{ rows, columns }] = deepBlocks(shape);
  const behind = { ...shape, inputs: rows, widths: shape.widths.slice(1) };
  const fitted = await fitter.fit(
    starts.map((parameters) => {
      const inputs = hiddenFeatures({ shape, parameters }, dataset, 0);
      const seen = { ...dataset, inputs, inputDimension: rows };
      return descend(behind, parameters.slice(rows * columns), seen, { ...descent, tolerance });
    }),
  );
  return fitted
    .map(({ parameters, loss }, i) => {
      const whole = starts[i].slice();
      whole.set(parameters, rows * columns);
      return { whole, loss };
    })
    .sort((a, b) => a.loss - b.loss)
    .slice(0, keep)
    .map(({ whole }) => whole);
}
