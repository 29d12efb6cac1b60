import { InputError } from '../../base/errors.js';
import { type Precision, ProgramBuilder } from './builder.js';
import { isStandard, type Model } from './model.js';
import { Attributes } from './node-view.js';
import type { NodeProto } from './onnx_pb.js';
import { applyOperator } from './operators.js';
import type { Program } from './program.js';
import { readTensor } from './tensor.js';
import { sizeOf, type Value } from './values.js';

/**
 * Compiles the part of a graph that its output depends on, for evaluation in `precision`. Throws `InputError`, less the file's name, for the
 * first node that cannot be evaluated, naming its operator and the node.
 */
export function compileModel(model: Model, precision: Precision): Program {
  const { graph, input, output } = model;
  const builder = new ProgramBuilder(precision);
  const rows = builder.register(input.tail, builder.typeFor(input.elementType));
  const values = new Map<string, Value>([[input.name, rows]]);
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));

  const lookUp = (name: string): Value | undefined => {
    if (name === '') return undefined;
    let value = values.get(name);
    if (value === undefined) {
      const tensor = initializers.get(name);
      if (tensor === undefined) throw new InputError(`reads '${name}', which nothing before it provides`);
      value = builder.constant(readTensor(tensor));
      values.set(name, value);
    }
    return value;
  };

  for (const node of neededNodes(graph.node, output)) {
    builder.node = node.name || node.output[0];
    const value = inNode(node, () => {
      if (!isStandard(node.domain))
        throw new InputError(`is of the domain '${node.domain}', expected standard operators`);
      return applyOperator(node.opType, {
        builder,
        attributes: new Attributes(node),
        inputs: node.input.map(lookUp),
        batch: input.rows,
      });
    });
    values.set(node.output[0], value);
  }

  const result = values.get(output);
  if (result === undefined) throw new InputError(`has an output '${output}' that no node provides`);
  if (result.kind === 'constant')
    throw new InputError(`has an output '${output}' that does not depend on the input`);
  if (sizeOf(result.tail) === 0) throw new InputError(`has an output '${output}' without entries`);
  return {
    elementType: input.elementType,
    widths: builder.widths,
    numberTypes: builder.numberTypes,
    output: result.register,
    steps: builder.steps,
  };
}

/** The nodes on which `output` depends, in the file's order. Only a node's first output can be used. */
function neededNodes(nodes: readonly NodeProto[], output: string): NodeProto[] {
  const writers = new Map<string, NodeProto>();
  for (const node of nodes) {
    for (const name of node.output) {
      if (writers.has(name) && name !== '') throw new InputError(`has two nodes that provide '${name}'`);
      writers.set(name, node);
    }
  }
  const needed = new Set<NodeProto>();
  const names = [output];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const node = name === '' ? undefined : writers.get(name);
    if (node === undefined || needed.has(node)) continue;
    if (node.output[0] !== name) {
      inNode(node, () => {
        throw new InputError(`provides '${name}' as a second output, which is not supported`);
      });
    }
    needed.add(node);
    for (const input of node.input) names.push(input);
  }
  return nodes.filter((node) => needed.has(node));
}

/** Runs `action`; an `InputError` that it throws is given the operator's and the node's name. */
function inNode<T>(node: NodeProto, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const name = (node.name || node.output[0] || '').slice(0, 80);
    throw new InputError(
      `operator ${node.opType.slice(0, 40) || '(none)'} (node '${name}') ${error.message}`,
    );
  }
}
