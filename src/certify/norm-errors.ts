import { backThroughNorm, type LayerNorm, normaliseRow } from '../network/layer-norm.js';

/** A normalisation with what a query is to it; written anew for every query. */
export interface NormPass {
  readonly norm: LayerNorm;
  /** Squares of the standard errors of gains and shifts; 0 where they are not known. */
  readonly gainErrors: Float64Array;
  readonly shiftErrors: Float64Array;
  /** What is normalised, the root that it is divided by, and squares of what may be off before and behind it. */
  readonly normalised: Float64Array;
  root: number;
  readonly before: { readonly terms: Float64Array; readonly errors: Float64Array };
  readonly behind: { readonly terms: Float64Array; readonly errors: Float64Array };
}

/** What rows see, with the squares of what rounding (over u²) and the weights' errors can change of it. */
interface Seen {
  readonly seen: Float64Array;
  readonly terms: Float64Array;
  readonly errors: Float64Array;
}

/** Room for a query's way through a normalisation; `known` are the standard errors of all parameters. */
export function normPassFor(
  norm: LayerNorm | undefined,
  known: Float64Array | undefined,
): NormPass | undefined {
  if (norm === undefined) return undefined;
  const m = norm.gains.length;
  const row = () => new Float64Array(m);
  const squares = (from: number) =>
    known === undefined ? row() : known.slice(from, from + m).map((error) => error * error);
  const at = (known?.length ?? 0) - 2 * m;
  return {
    norm,
    gainErrors: squares(at),
    shiftErrors: squares(at + m),
    normalised: row(),
    root: 1,
    before: { terms: row(), errors: row() },
    behind: { terms: row(), errors: row() },
  };
}

/**
 * What rows see becomes what their activation gets; what of it may be off stays apart by where it arose: in the sums
 * themselves, or in mean, variance, gain and shift, which are rounded as sums of m numbers are.
 */
export function throughNorm(pass: NormPass, { seen, terms, errors }: Seen): void {
  const { norm, normalised, before, behind } = pass;
  const { gains, shifts, epsilon } = norm;
  const m = gains.length;
  before.terms.set(terms);
  before.errors.set(errors);
  const largest = seen.reduce((most, z) => Math.max(most, Math.abs(z)), 0);
  pass.root = normaliseRow(seen, epsilon, normalised);
  let [allTerms, allErrors] = [0, 0];
  for (let j = 0; j < m; j++) {
    allTerms += before.terms[j] / pass.root ** 2;
    allErrors += before.errors[j] / pass.root ** 2;
  }
  for (let j = 0; j < m; j++) {
    const scaled = gains[j] * normalised[j];
    const u = scaled + shifts[j];
    const ofMean = (largest / pass.root) ** 2;
    behind.terms[j] = gains[j] ** 2 * ((4 + m) * normalised[j] ** 2 + ofMean) + scaled ** 2 + u * u;
    behind.errors[j] = pass.gainErrors[j] * normalised[j] ** 2 + pass.shiftErrors[j];
    seen[j] = u;
    // what tells how near a kink may be: no neuron moves by more than all sums together
    terms[j] = behind.terms[j] + gains[j] ** 2 * allTerms;
    errors[j] = behind.errors[j] + gains[j] ** 2 * allErrors;
  }
}

/** The squares of what an output is off by, whose gradient over what the activation gets is `slopes` (changed). */
export function errorsThroughNorm(
  { norm, normalised, root, before, behind }: NormPass,
  slopes: Float64Array,
) {
  let [terms, errors] = [0, 0];
  for (let j = 0; j < slopes.length; j++) {
    terms += slopes[j] ** 2 * behind.terms[j];
    errors += slopes[j] ** 2 * behind.errors[j];
  }
  backThroughNorm(slopes, norm.gains, normalised, root);
  for (let j = 0; j < slopes.length; j++) {
    terms += slopes[j] ** 2 * before.terms[j];
    errors += slopes[j] ** 2 * before.errors[j];
  }
  return { terms, errors };
}
