import { type Activation, activations } from '../network/activations.js';
import { assign } from '../numeric/assignment.js';
import type { Layer, Network } from '../records.js';
import { largestMatchDistance, type Pair, relative } from './compare-match.js';

/** A neuron whose sum is normalised: its row beside the others', its gain and shift, its outgoing weights. */
interface NormalisedNeuron {
  readonly row: Float64Array;
  readonly gain: Float64Array;
  readonly outgoing: Float64Array;
}

/** What matching two networks with a normalised hidden layer found; the neurons are theirs, in one form. */
export interface NormMatch {
  readonly pairs: readonly Pair[];
  readonly errors: readonly number[];
  readonly largestDifference: number;
}

/**
 * Matches the neurons of two networks of one hidden layer whose sums are normalised (`layers` are copies of theirs, of
 * the same activation). What the normalisation removes is taken out: what all rows have in common, their length, and the
 * sign of all rows and gains; then as for other neurons the sign or scale of each gain and shift.
 */
export function matchNormalised(recovered: Network, truth: Network): NormMatch {
  const entry = activations[truth.activation];
  const t = neuronsOf(truth, 1, entry);
  const tried = [1, -1].map((sign) => matchNeurons(neuronsOf(recovered, sign, entry), t));
  return tried.reduce((a, b) =>
    b.pairs.length > a.pairs.length || (b.pairs.length === a.pairs.length && sum(b.errors) < sum(a.errors))
      ? b
      : a,
  );
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** The neurons in one form, all rows and gains times `sign`. */
function neuronsOf(
  { layers, norms = [] }: Network,
  sign: number,
  { symmetry, homogeneous }: Activation,
): NormalisedNeuron[] {
  const [first, next] = layers;
  const { gains, shifts } = norms[0]!;
  const rows = centredRows(first);
  const length = Math.sqrt(
    rows.reduce((all, row) => all + row.reduce((s, w) => s + w * w, 0), 0) / rows.length,
  );
  return rows.map((row, j) => {
    const gain = Float64Array.of(sign * gains[j], shifts[j]);
    const turn = symmetry === 'odd' && gain[0] < 0 ? -1 : 1;
    const scale = homogeneous ? Math.hypot(...gain) || 1 : 1;
    return {
      row: row.map((w) => (sign * w) / length),
      gain: gain.map((value) => (turn * value) / scale),
      outgoing: Float64Array.from(
        { length: next.outputs },
        (_, o) => turn * scale * next.weights[o * next.inputs + j],
      ),
    };
  });
}

/** Incoming weights of every neuron with its bias, less their mean over the neurons. */
function centredRows({ inputs, outputs, weights, biases }: Layer): Float64Array[] {
  const rows = Array.from({ length: outputs }, (_, j) =>
    Float64Array.of(...weights.subarray(j * inputs, (j + 1) * inputs), biases[j]),
  );
  const means = rows[0].map((_, k) => rows.reduce((all, row) => all + row[k] / outputs, 0));
  return rows.map((row) => row.map((w, k) => w - means[k]));
}

function matchNeurons(r: readonly NormalisedNeuron[], t: readonly NormalisedNeuron[]): NormMatch {
  const noMatch = 2 * (t.length + r.length);
  const costs = new Float64Array(t.length * r.length).fill(noMatch);
  for (const [i, known] of t.entries()) {
    for (const [j, found] of r.entries()) {
      const incoming = distance(found.row, known.row);
      if (incoming > largestMatchDistance) continue;
      const others = distance(found.gain, known.gain) + distance(found.outgoing, known.outgoing);
      costs[i * r.length + j] = incoming + Math.min(others, 1);
    }
  }
  const pairs = assign(costs, t.length, r.length)
    .filter(([i, j]) => costs[i * r.length + j] < noMatch)
    .map(([i, j]) => ({ truth: i, recovered: j }));
  const parts = (pair: Pair) =>
    (['row', 'gain', 'outgoing'] as const).map(
      (part) => [r[pair.recovered][part], t[pair.truth][part]] as const,
    );
  return {
    pairs,
    errors: pairs.map((pair) => Math.max(...parts(pair).map(([found, known]) => distance(found, known)))),
    largestDifference: pairs.reduce(
      (most, pair) =>
        parts(pair).reduce(
          (own, [found, known]) =>
            found.reduce((worst, w, k) => Math.max(worst, Math.abs(w - known[k])), own),
          most,
        ),
      0,
    ),
  };
}

const distance = (found: Float64Array, known: Float64Array) =>
  relative(Math.hypot(...found.map((value, k) => value - known[k])), Math.hypot(...known));
