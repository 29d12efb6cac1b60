import type { Kernels, Metric } from '../kernels/kernels.js';
import { takeRows } from '../numeric/take-rows.js';

/** A group of more members is measured on evenly chosen ones. */
const mostMeasured = 1000;

/** Median distance between the members of a group (numbers of `vectors`, count × n); 0 for one. */
export function medianDistance(
  vectors: Float64Array,
  count: number,
  group: readonly number[],
  metric: Metric,
  kernels: Kernels,
): number {
  if (group.length < 2) return 0;
  const size = vectors.length / count;
  const step = Math.ceil(group.length / mostMeasured);
  const chosen = group.filter((_, i) => i % step === 0);
  const own = takeRows(vectors, size, chosen);
  const between = kernels.pairwiseDistances(own, chosen.length, size, metric).sort();
  return between[between.length >> 1];
}
