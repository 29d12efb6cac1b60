/** A node of a tree that is drawn: a leaf, a subtree that is drawn as one, or a merge of two of them. */
export interface TreeNode {
  readonly id: number;
  readonly height: number;
  /** Leaves below it. */
  readonly size: number;
  /** Where it stands: the first of what is drawn at the bottom is at 0.5, the next at 1.5. */
  readonly x: number;
  /** One of the leaves below it. */
  readonly leaf: number;
  readonly children?: readonly [TreeNode, TreeNode];
}

/** A linkage (SciPy's rows) laid out for drawing. */
export interface TreeLayout {
  readonly root: TreeNode;
  /** Leaves and subtrees that stand at the bottom. */
  readonly columns: number;
  /** All leaves in the order in which they are drawn. */
  readonly order: readonly number[];
}

/**
 * Lays out the tree of `leaves` leaves; where there are more than `mostNodes`, only the highest merges are
 * nodes of their own, and what is below them is drawn as one.
 */
export function layOutTree(linkage: Float64Array, leaves: number, mostNodes: number): TreeLayout {
  const order = leafOrder(linkage, leaves);
  const firstMerge = Math.max(0, leaves - mostNodes);
  const isDrawnAsOne = (id: number) => id < leaves + firstMerge;
  const size = (id: number) => (id < leaves ? 1 : linkage[4 * (id - leaves) + 3]);
  // from the root down in the order of drawing, then from the bottom up
  const down: number[] = [];
  const open = [2 * leaves - 2];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    down.push(id);
    if (!isDrawnAsOne(id)) open.push(linkage[4 * (id - leaves) + 1], linkage[4 * (id - leaves)]);
  }
  const nodes = new Map<number, TreeNode>();
  let columns = 0;
  let before = 0;
  for (const id of down) {
    if (!isDrawnAsOne(id)) continue;
    const height = id < leaves ? 0 : linkage[4 * (id - leaves) + 2];
    nodes.set(id, { id, height, size: size(id), x: columns++ + 0.5, leaf: order[before] });
    before += size(id);
  }
  for (let id = leaves + firstMerge; id < 2 * leaves - 1; id++) {
    const row = 4 * (id - leaves);
    const children = [nodes.get(linkage[row])!, nodes.get(linkage[row + 1])!] as const;
    const x = (children[0].x + children[1].x) / 2;
    nodes.set(id, { id, height: linkage[row + 2], size: size(id), x, leaf: children[0].leaf, children });
  }
  return { root: nodes.get(2 * leaves - 2)!, columns, order };
}

/** The leaves from one side of the tree to the other. */
function leafOrder(linkage: Float64Array, leaves: number): number[] {
  const order: number[] = [];
  const open = [2 * leaves - 2];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id < leaves) order.push(id);
    else open.push(linkage[4 * (id - leaves) + 1], linkage[4 * (id - leaves)]);
  }
  return order;
}
