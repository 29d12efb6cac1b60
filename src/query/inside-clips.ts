import { cubeLimit, frameOf } from './bounds.js';
import { findClippedInputs } from './clipped-inputs.js';
import { describeFewValues } from './few-values.js';
import { askInFrame } from './in-frame.js';
import { areCoarse, type PlaceOptions, scalarTarget } from './misplaced.js';
import type { Oracle } from './oracle.js';
import { measureOutputs } from './precision.js';
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
  { seed, first, budget }: PlaceOptions,
): Promise<Source | undefined> {
  if (source.inputDimension > mostInputs || oracle.limit !== Number.POSITIVE_INFINITY) return undefined;
  if (queriesOfInput * source.inputDimension > affordable * (budget - oracle.queries)) return undefined;
  const probed = await source.collect().take(first.spread, first.count);
  const statistics = measureOutputs(probed);
  // answers of a few values are constant along single inputs without any clip
  const isConstant = statistics.deviations.every((deviation) => deviation === 0);
  if (!isConstant && describeFewValues(probed) !== undefined) return undefined;
  if (areCoarse(statistics)) return undefined;
  const clips = await findClippedInputs(scalarTarget(oracle, statistics, seed));
  if (clips === undefined) return undefined;
  const frame = frameOf(clips);
  const inside = askInFrame(oracle, frame, statistics.numberType, cubeLimit);
  return { ...queriesAsSource(inside, seed, frame), clips };
}
