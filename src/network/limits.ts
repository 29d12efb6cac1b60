/** A line that an activation runs along far out: slope·z + constant. */
export interface Line {
  readonly slope: number;
  readonly constant: number;
}

/** The lines on both sides. */
export interface Limits {
  readonly left: Line;
  readonly right: Line;
}

/** A line of slope and constant. */
export const line = (slope: number, constant: number): Line => ({ slope, constant });

/** The limits of an activation that does not depend on a slope. */
export function between(left: Line, right: Line): () => Limits {
  const limits = { left, right };
  return () => limits;
}

/** Those of most activations that grow: nothing on the left, z on the right. */
export const likeReLU = between(line(0, 0), line(1, 0));
