/**
 * The groups of leaves when a linkage (SciPy's rows (a, b, height, size), sorted by height) is cut at
 * `height`: merges at or below it are carried out. Groups are ordered by their smallest leaf.
 */
export function cutTree(linkage: Float64Array, leaves: number, height: number): number[][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < leaves; i++) groups.set(i, [i]);
  for (let row = 0; row < leaves - 1; row++) {
    if (linkage[row * 4 + 2] > height) break;
    const a = groups.get(linkage[row * 4])!;
    const b = groups.get(linkage[row * 4 + 1])!;
    groups.delete(linkage[row * 4]);
    groups.delete(linkage[row * 4 + 1]);
    groups.set(leaves + row, a.concat(b));
  }
  return [...groups.values()].map((group) => group.sort((i, j) => i - j)).sort((g, h) => g[0] - h[0]);
}

/** Position of the pair (i, j), i ≠ j, in SciPy's condensed order of `count` items. */
export function condensedIndex(i: number, j: number, count: number): number {
  const [a, b] = i < j ? [i, j] : [j, i];
  return a * count - (a * (a + 1)) / 2 + b - a - 1;
}

/** Median distance between the members of a group, from SciPy's condensed distances of `count` items; 0 for one. */
export function medianDistance(group: readonly number[], distances: Float64Array, count: number): number {
  const between = group.flatMap((a, i) =>
    group.slice(i + 1).map((b) => distances[condensedIndex(a, b, count)]),
  );
  between.sort((x, y) => x - y);
  return between.length > 0 ? between[between.length >> 1] : 0;
}
