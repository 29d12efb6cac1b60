import { cubeLimit, frameOf } from './bounds.js';
import { findClippedInputs } from './clipped-inputs.js';
import { describeFewValues } from './few-values.js';
import { askInFrame } from './in-frame.js';
import type { PlaceOptions } from './misplaced.js';
import type { Oracle } from './oracle.js';
import { queriesAsSource, type Source } from './source.js';

/** Every input is moved alone, with some hundred queries each from every place. */
const mostInputs = 256;
const queriesOfInput = 300;

/** Share of the budget that it may take. */
const affordable = 0.25;

/**
 * The source of a target's answers inside of the ranges to which it clips its inputs (method.md §8); undefined where it
 * clips none, or nothing may be asked outside of a box.
 */
export async function sourceInsideClips(
  source: Source,
  oracle: Oracle,
  { seed, sight, budget }: PlaceOptions,
): Promise<Source | undefined> {
  if (source.inputDimension > mostInputs || oracle.limit !== Number.POSITIVE_INFINITY) return undefined;
  if (queriesOfInput * source.inputDimension > affordable * (budget - oracle.queries)) return undefined;
  const seen = await sight();
  if (seen === undefined) return undefined;
  const { probed, statistics, isConstant, target } = seen;
  // answers of a few values are constant along single inputs without any clip
  if (!isConstant && describeFewValues(probed) !== undefined) return undefined;
  const clips = await findClippedInputs(target);
  if (clips === undefined) return undefined;
  const frame = frameOf(clips);
  const inside = askInFrame(oracle, frame, statistics.numberType, cubeLimit);
  return { ...queriesAsSource(inside, seed, frame), clips };
}
