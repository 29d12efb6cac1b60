/** A neuron that was seen at some points of its supposed surface, and of which side of it other points are. */
export interface Candidate {
  /** Points at which the target bends as it should. */
  readonly points: readonly Float64Array[];
  /** Points that were looked at. */
  readonly asked: number;
  /** Positive on one side of its surface, negative on the other. */
  readonly sideAt: (point: Float64Array) => number;
}

/** What is seen at this share of its points is of the layer in any case: one neuron too many does less harm than one too few. */
const wholeShare = 0.8;

/** The first one must be seen at this share. */
const usualShare = 0.5;

/** A neuron is seen on both sides of another one when at least so many points lie on each. */
const pointsASide = 3;

/**
 * Leaves out what only seemed to be neurons of a layer. A deeper neuron bends along a plane of what the layer sees only
 * while all neurons of the layer stay on one side of their bends, so it is never seen on both sides of one of them, as
 * a neuron of the layer is of most. Those that are mostly seen come first.
 */
export function withoutDeeperOnes<C extends Candidate>(candidates: readonly C[]): C[] {
  const share = ({ points, asked }: Candidate) => points.length / Math.max(1, asked);
  const kept: C[] = [];
  for (const candidate of [...candidates].sort((a, b) => share(b) - share(a))) {
    const isFirst = kept.length === 0 && share(candidate) >= usualShare;
    if (isFirst || share(candidate) >= wholeShare || spans(candidate, kept)) kept.push(candidate);
  }
  return candidates.filter((candidate) => kept.includes(candidate));
}

/** Whether a neuron is seen on both sides of one of the others, or of two where there are more. */
function spans({ points }: Candidate, others: readonly Candidate[]): boolean {
  const spanned = others.filter(({ sideAt }) => {
    const right = points.filter((point) => sideAt(point) > 0).length;
    return Math.min(right, points.length - right) >= pointsASide;
  });
  return spanned.length >= Math.max(1, Math.min(2, others.length));
}
