/**
 * The groups of leaves when a linkage (SciPy's rows (a, b, height, size), sorted by height; perhaps without the
 * highest) is cut at `height`: merges at or below it are carried out. Groups are ordered by their smallest leaf, leaves
 * within them too.
 */
export function cutTree(linkage: Float64Array, leaves: number, height: number): number[][] {
  const rows = linkage.length / 4;
  /** The cluster that a cluster has gone into, where it has. */
  const parents = new Int32Array(leaves + rows);
  let merged = 0;
  for (; merged < rows && linkage[merged * 4 + 2] <= height; merged++) {
    parents[linkage[merged * 4]] = leaves + merged;
    parents[linkage[merged * 4 + 1]] = leaves + merged;
  }
  // parents stand behind their children, so from the root down each finds its root in one step
  for (let cluster = leaves + merged - 1; cluster >= 0; cluster--) {
    const parent = parents[cluster];
    parents[cluster] = parent === 0 ? cluster : parents[parent];
  }
  const groups = new Map<number, number[]>();
  for (let leaf = 0; leaf < leaves; leaf++) {
    const group = groups.get(parents[leaf]);
    if (group === undefined) groups.set(parents[leaf], [leaf]);
    else group.push(leaf);
  }
  return [...groups.values()];
}
