import { InputError } from '../../base/errors.js';
import type { GraphProto, NodeProto } from './onnx_pb.js';

/** What one output of a graph depends on. */
export interface Dependencies {
  readonly nodes: ReadonlySet<NodeProto>;
  /** Names of values that no node provides: inputs, weights, or nothing at all. */
  readonly sources: ReadonlySet<string>;
}

/** The node that provides each value; throws `InputError` when two do. */
export function writersOf(graph: GraphProto): Map<string, NodeProto> {
  const writers = new Map<string, NodeProto>();
  for (const node of graph.node) {
    for (const name of node.output) {
      if (name === '') continue;
      if (writers.has(name)) throw new InputError(`has two nodes that provide '${name}'`);
      writers.set(name, node);
    }
  }
  return writers;
}

/** The nodes and the sources on which the value called `output` depends. */
export function dependenciesOf(writers: ReadonlyMap<string, NodeProto>, output: string): Dependencies {
  const nodes = new Set<NodeProto>();
  const sources = new Set<string>();
  const names = [output];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === '') continue;
    const node = writers.get(name);
    if (node === undefined) sources.add(name);
    else if (!nodes.has(node)) {
      nodes.add(node);
      for (const input of node.input) names.push(input);
    }
  }
  return { nodes, sources };
}

/**
 * Nodes in an order in which each comes after those whose outputs it reads: the file's order where that is one,
 * and the nearest to it elsewhere. Those of a cycle, and those that read from one, are left out.
 */
export function orderNodes(nodes: readonly NodeProto[]): NodeProto[] {
  const writers = new Map<string, NodeProto>();
  for (const node of nodes) for (const name of node.output) if (name !== '') writers.set(name, node);
  const states = new Map<NodeProto, 'begun' | 'done'>();
  const ordered: NodeProto[] = [];
  for (const first of nodes) {
    const stack = states.has(first) ? [] : [{ node: first, next: 0 }];
    states.set(first, states.get(first) ?? 'begun');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { node } = top;
      const before = top.next < node.input.length ? writers.get(node.input[top.next++]) : undefined;
      if (before !== undefined && !states.has(before)) {
        states.set(before, 'begun');
        stack.push({ node: before, next: 0 });
      } else if (before === undefined && top.next >= node.input.length) {
        stack.pop();
        const inputs = node.input.map((name) => writers.get(name));
        if (inputs.some((writer) => writer !== undefined && states.get(writer) !== 'done')) continue;
        states.set(node, 'done');
        ordered.push(node);
      }
    }
  }
  return ordered;
}
