import type { Dataset } from '../records.js';

/** Which inputs of given pairs vary, and how those were shifted and scaled for the students. */
export interface InputConditioning {
  /** Inputs (numbers from 0) that vary; students see these alone. */
  readonly varying: readonly number[];
  /** Inputs that have one value in all pairs. */
  readonly constant: readonly number[];
  /** Per varying input: students see (x − shift) / scale. Shift 0 and scale 1 where x needs neither. */
  readonly shifts: Float64Array;
  readonly scales: Float64Array;
}

/** Inputs whose mean is within a deviation of 0, and whose deviation is within this range, are left as they are. */
const usualDeviations = { least: 0.25, most: 4 };

/**
 * Pairs as students shall see them: without inputs that never vary, and with those standardised whose mean or
 * deviation is far from a standard normal's (pixels from 0 to 255, say).
 */
export function conditionInputs(pairs: Dataset): { pairs: Dataset; conditioning: InputConditioning } {
  const { inputs, count, inputDimension: d } = pairs;
  const varying: number[] = [];
  const constant: number[] = [];
  const shifts: number[] = [];
  const scales: number[] = [];
  for (let k = 0; k < d; k++) {
    let sum = 0;
    let isConstant = true;
    for (let n = 0; n < count; n++) {
      sum += inputs[n * d + k];
      if (inputs[n * d + k] !== inputs[k]) isConstant = false;
    }
    if (isConstant) {
      constant.push(k);
      continue;
    }
    varying.push(k);
    const mean = sum / count;
    let squares = 0;
    for (let n = 0; n < count; n++) squares += (inputs[n * d + k] - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    const isUsual =
      Math.abs(mean) <= deviation && deviation >= usualDeviations.least && deviation <= usualDeviations.most;
    shifts.push(isUsual ? 0 : mean);
    scales.push(isUsual ? 1 : deviation);
  }
  const seen = new Float64Array(count * varying.length);
  for (let n = 0; n < count; n++) {
    varying.forEach((k, i) => {
      seen[n * varying.length + i] = (inputs[n * d + k] - shifts[i]) / scales[i];
    });
  }
  return {
    pairs: { ...pairs, inputs: seen, inputDimension: varying.length },
    conditioning: {
      varying,
      constant,
      shifts: Float64Array.from(shifts),
      scales: Float64Array.from(scales),
    },
  };
}
