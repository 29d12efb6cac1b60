import { columnsOf } from '../numeric/columns.js';
import { type Dataset, firstPairs } from '../records.js';

/** How answers are rounded, as far as they show it themselves. */
export interface Rounding {
  /** `float32` when every answer is exactly a float32 number. */
  readonly numberType: 'float32' | 'float64';
  /** Largest relative error of an answer: 2⁻⁵³, 2⁻²⁴, 2⁻¹¹ (half precision) or that of so many digits. */
  readonly roundoff: number;
  /** Per output the step of which all answers are multiples, up to an offset; 0 where there is none. */
  readonly quanta: Float64Array;
}

/** Answers that are looked at: a grid that so many fall on by chance does not exist. */
const samples = 1000;

/** With more levels than this a grid is no coarser than the numbers themselves. */
const mostLevels = { float32: 2 ** 20, float64: 2 ** 40 };

/** Most steps of a scale that is neither decimal nor binary: integers of 16 bits have 2¹⁶. */
const mostSteps = 2 ** 18;

/** Half precision has 11 significant bits, brain floats 8. */
const mostFewBits = 12;

/**
 * Finds out from the answers to what they were rounded: a number type, so many significant digits, or a grid
 * (decimals, powers of two, or the steps of integers with a scale). A grid that explains an output takes
 * precedence over a relative rounding: its error is as large for small answers as for large ones.
 */
export function detectRounding(dataset: Dataset): Rounding {
  const { outputs, count, outputDimension: o } = firstPairs(dataset, Math.min(dataset.count, samples));
  const isFloat32 = outputs.every((value) => Math.fround(value) === value);
  const numberType = isFloat32 ? 'float32' : 'float64';
  const quanta = new Float64Array(o);
  let roundoff = isFloat32 ? 2 ** -24 : 2 ** -53;
  for (const [k, values] of columnsOf(outputs, count, o).entries()) {
    quanta[k] = findQuantum(values, isFloat32);
    if (quanta[k] === 0) roundoff = Math.max(roundoff, relativeRounding(values, isFloat32));
  }
  return { numberType, roundoff, quanta };
}

/** Mean over outputs of the variance of rounding to the quanta, in scaled outputs: that of a uniform error. */
export function quantisationVariance({ quanta }: Pick<Rounding, 'quanta'>, scales: Float64Array): number {
  return quanta.reduce((sum, quantum, k) => sum + (quantum / scales[k]) ** 2 / (12 * quanta.length), 0);
}

function findQuantum(values: Float64Array, isFloat32: boolean): number {
  const distinct = Float64Array.from(new Set(values)).sort();
  const range = distinct[distinct.length - 1] - distinct[0];
  if (distinct.length < 3) return 0;
  const isFewBits = distinct.every((value) => significantBits(value) <= mostFewBits);
  const largest = Math.max(Math.abs(distinct[0]), Math.abs(distinct[distinct.length - 1]));
  const most = isFloat32 ? mostLevels.float32 : mostLevels.float64;
  if (isFloat32Text(distinct)) return 0;
  const decimal = decimalStep(distinct, largest, most, isFloat32);
  if (decimal === undefined) return 0;
  const levels = isFewBits ? 0 : levelStep(distinct, range, largest, isFloat32);
  return Math.max(decimal, binaryStep(distinct, largest, most), levels);
}

/** Whole tens, hundreds and so on are looked for up to this power of ten. */
const mostZeros = 9;

/**
 * The step 10⁻ᵏ when all values have at most k decimals, 10 and its powers where they are whole tens and so on, 0 when
 * they have more decimals. Undefined when large ones
 * have fewer than small ones: then the values have so many significant digits instead.
 */
function decimalStep(
  values: Float64Array,
  largest: number,
  most: number,
  isFloat32: boolean,
): number | undefined {
  for (let step = 10 ** mostZeros; step > 1; step /= 10) {
    if (hasWholeSteps(values, largest, step)) return step;
  }
  for (let k = 0; k <= 12 && largest * 10 ** k < most; k++) {
    const power = 10 ** k;
    const isOnGrid = values.every((value) => {
      const decimal = Math.round(value * power) / power;
      return decimal === value || (isFloat32 && Math.fround(decimal) === value);
    });
    if (!isOnGrid) continue;
    const digits = values.reduce((sum, value) => Math.max(sum, significantDigits(value, isFloat32)), 0);
    return Math.floor(Math.log10(largest)) + 1 + k <= digits + 1 ? 1 / power : undefined;
  }
  return 0;
}

/**
 * Whether all values are multiples of `step` (10 or more), and the large ones among them of no coarser decimal step:
 * else they have so many significant digits.
 */
function hasWholeSteps(values: Float64Array, largest: number, step: number): boolean {
  return (
    largest > step &&
    values.every((value) => value % step === 0) &&
    values.some((value) => Math.abs(value) > largest / 3 && value % (10 * step) !== 0)
  );
}

/** The step 2ᵏ when all values are multiples of it, and large ones of no coarser step. */
function binaryStep(values: Float64Array, largest: number, most: number): number {
  let step = 2 ** Math.floor(Math.log2(largest));
  let bits = 0;
  for (const value of values) {
    let needed = step;
    while (value % needed !== 0) {
      needed /= 2;
      if (needed * most < largest) return 0;
    }
    step = needed;
  }
  for (const value of values) {
    let own = step;
    while (value !== 0 && value % (2 * own) === 0) own *= 2;
    if (value !== 0) bits = Math.max(bits, Math.floor(Math.log2(Math.abs(value) / own)) + 1);
  }
  return Math.floor(Math.log2(largest / step)) + 1 <= bits + 1 ? step : 0;
}

/** The smallest gap between values, or a small fraction of it, when every other gap is a multiple of it. */
function levelStep(values: Float64Array, range: number, largest: number, isFloat32: boolean): number {
  const gaps = values.slice(1).map((value, i) => value - values[i]);
  const rounding = largest * (isFloat32 ? 2 ** -23 : 2 ** -40);
  const smallest = Math.min(...gaps.filter((gap) => gap > 100 * rounding));
  if (!Number.isFinite(smallest) || gaps.some((gap) => gap > 2 * rounding && gap <= 100 * rounding)) return 0;
  for (let parts = 1; parts <= 6; parts++) {
    const guess = smallest / parts;
    if (range / guess > mostSteps || guess < 100 * rounding) return 0;
    const step = range / Math.round(range / guess);
    const isGrid = values.every((value) => {
      const level = (value - values[0]) / step;
      return Math.abs(level - Math.round(level)) * step <= 4 * rounding + 1e-9 * range;
    });
    if (isGrid) return step;
  }
  return 0;
}

/** The relative error of values that have few significant digits or bits; 0 where they have all of them. */
function relativeRounding(values: Float64Array, isFloat32: boolean): number {
  const bits = values.reduce((sum, value) => Math.max(sum, significantBits(value)), 0);
  if (bits > 0 && bits <= mostFewBits) return 2 ** -bits;
  const digits = values.reduce((sum, value) => Math.max(sum, significantDigits(value, isFloat32)), 0);
  if (digits <= (isFloat32 ? 6 : 7)) return 10 ** (1 - digits) / 2;
  if (isFloat32 || digits > 14) return 0;
  return isFloat32Text(values) ? 2 ** -24 : 10 ** (1 - digits) / 2;
}

/** Whether the values are float32 numbers that travelled as text, in the 6 to 9 digits that this takes. */
function isFloat32Text(values: Float64Array): boolean {
  return values.every(isShortFloat32) && values.some((value) => significantDigits(value, false) > 7);
}

function significantBits(value: number): number {
  if (value === 0) return 0;
  const mantissa = Math.abs(value) / 2 ** Math.floor(Math.log2(Math.abs(value)));
  let bits = 1;
  while (bits < 53 && !Number.isInteger(mantissa * 2 ** (bits - 1))) bits++;
  return bits;
}

function significantDigits(value: number, isFloat32: boolean): number {
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (rounded === value || (isFloat32 && Math.fround(rounded) === value)) return digits;
  }
  return 17;
}

function isShortFloat32(value: number): boolean {
  const narrow = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(narrow.toPrecision(digits));
    if (Math.fround(text) === narrow && text === value) return true;
  }
  return false;
}
