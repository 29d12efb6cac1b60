/**
 * A target as the closed form asks it: scaled answers about points in k coordinates in which a step of length 1 changes
 * them about as much in every direction (method.md §8).
 */
export interface Field {
  /** k */
  readonly dimension: number;
  /** o */
  readonly outputs: number;
  /** Standard error of one scaled answer, from rounding or noise. */
  readonly error: number;
  /** How far the target may be asked from a point along a direction (k each): infinite without bounds. */
  room(point: Float64Array, direction: Float64Array): number;
  /** Scaled answers, count × o, to points, count × k. NaN where a head hides them or a point lies outside of bounds. */
  evaluate(points: Float64Array, count: number): Promise<Float64Array>;
}
