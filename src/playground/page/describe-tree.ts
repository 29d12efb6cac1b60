import type { TreeSight } from '../protocol.js';

/** A tree in words. */
export function describeTree(tree: TreeSight | null): string {
  const what = 'The neurons of the best students, joined by average linkage where they are alike';
  if (tree === null) return `${what}: nothing is trained yet.`;
  const { leaves, students, cut, kept, dropped, isFinal, isAngle } = tree;
  const height = `${cut >= 1e-3 ? Number(cut.toPrecision(2)) : cut.toExponential(1)}${isAngle ? ' radians' : ''}`;
  const where = isFinal ? `cut at ${height}` : `cut in its widest gap so far, at ${height}`;
  const kinds = `${kept} cluster${kept === 1 ? '' : 's'} below it shared by the students, ${dropped} not`;
  return `${what}: ${leaves} neurons of ${students} students, ${where} (dashed); ${kinds}.`;
}
