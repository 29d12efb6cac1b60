import { InputError } from '../../base/errors.js';
import { roundToHalf } from '../data/half.js';
import { type Precision, ProgramBuilder } from './builder.js';
import { dependenciesOf, orderNodes, writersOf } from './graph.js';
import { axesOf, isStandard, type Model } from './model.js';
import { Attributes } from './node-view.js';
import { type NodeProto, TensorProto_DataType as Type, type ValueInfoProto } from './onnx_pb.js';
import { applyOperator } from './operators.js';
import type { Program } from './program.js';
import { type ReadBeside, readTensor, typeName } from './tensor.js';
import { UnsupportedError } from './unsupported.js';
import { checkConstant, type Rows, sizeOf, type Value } from './values.js';

/** What a model is evaluated with. */
export interface CompileOptions {
  /** Reads weights that lie in other files; undefined where there are none to be read. */
  readonly readBeside?: ReadBeside | undefined;
  /** Values at which other inputs are held, by name: one for all entries, or one for each. */
  readonly hold?: Readonly<Record<string, readonly number[]>> | undefined;
}

/**
 * Compiles the part of a graph that its output depends on, for evaluation in `precision`. Throws `InputError`, less the file's name, for the
 * first node that cannot be evaluated, naming its operator and the node.
 */
export function compileModel(model: Model, precision: Precision, options: CompileOptions = {}): Program {
  const { graph, input, output, chosen } = model;
  const builder = new ProgramBuilder(precision, input.batch);
  builder.operatorSet = model.operatorSet;
  const isOwn = precision === 'own';
  const rows = builder.register(input.shape, builder.typeFor(input.elementType));
  const values = new Map<string, Value>([
    [input.name, isOwn && input.isHalf ? toHalf(builder, rows) : rows],
    ...holdInputs(model, builder, options.hold ?? {}),
  ]);
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const lookUp = (name: string): Value | undefined => {
    if (name === '') return undefined;
    let value = values.get(name);
    if (value === undefined) {
      const tensor = initializers.get(name);
      if (tensor === undefined) throw new InputError(`reads '${name}', which nothing before it provides`);
      value = builder.constant(readTensor(tensor, options.readBeside));
      values.set(name, value);
    }
    return value;
  };

  checkSources(model);
  for (const node of orderNodes(chosen.nodes)) {
    builder.node = node.name || node.output[0];
    inNode(node, () => {
      const isLabels = node.domain === 'ai.onnx.ml';
      if (!isStandard(node.domain) && !isLabels) {
        const message = `is of the domain '${node.domain}', expected standard operators`;
        // ONNX Runtime brings this domain
        throw node.domain === 'com.microsoft' ? new UnsupportedError(message) : new InputError(message);
      }
      const result = applyOperator(node.opType, isLabels, {
        builder,
        attributes: new Attributes(node, options.readBeside),
        inputs: node.input.map(lookUp),
        outputs: node.output.length,
      });
      const results = 'kind' in result ? [result] : result;
      for (const [place, value] of results.entries()) {
        if (place < node.output.length) values.set(node.output[place], value);
      }
    });
  }
  const result = chosenResult(model, values.get(output));
  const answer = isOwn && model.givesHalf ? toHalf(builder, result) : result;
  return {
    elementType: input.elementType,
    widths: builder.widths,
    numberTypes: builder.numberTypes,
    output: answer.register,
    steps: builder.steps,
  };
}

function chosenResult({ output, chosen }: Model, result: Value | undefined): Rows {
  if (result === undefined) {
    const node = chosen.nodes.find((writer) => writer.output.includes(output));
    if (node === undefined) throw new InputError(`has an output '${output}' that no node provides`);
    return inNode(node, () => {
      throw new UnsupportedError(`provides '${output}' as a further output, which is not supported here`);
    });
  }
  if (result.kind === 'constant')
    throw new InputError(`has an output '${output}' that does not depend on the input`);
  if (sizeOf(result.shape) === 0) throw new InputError(`has an output '${output}' without entries`);
  return result;
}

/** Throws `InputError` when a node reads what neither a node nor the file provides, or its own output. */
function checkSources({ graph, chosen, output }: Model): void {
  const known = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
  const { sources } = dependenciesOf(writersOf(graph), output);
  const isMissing = (name: string) => sources.has(name) && !known.has(name);
  const reached = new Set(orderNodes(chosen.nodes));
  const provided = new Set([...reached].flatMap((node) => node.output));
  for (const node of chosen.nodes) {
    const missing = node.input.find(
      (name) =>
        isMissing(name) || (!reached.has(node) && name !== '' && !sources.has(name) && !provided.has(name)),
    );
    if (missing === undefined) continue;
    inNode(node, () => {
      throw new InputError(`reads '${missing}', which nothing before it provides`);
    });
  }
}

/** The inputs beside the one that is asked, as constants. */
function holdInputs(
  { chosen, input, graph }: Model,
  builder: ProgramBuilder,
  hold: NonNullable<CompileOptions['hold']>,
): [string, Value][] {
  for (const name of Object.keys(hold)) {
    if (name !== input.name && graph.input.some((info) => info.name === name)) continue;
    const found = name === input.name ? 'the input that is asked' : 'no input';
    throw new InputError(`has ${found} called '${name.slice(0, 40)}', --hold wants another input`);
  }
  return chosen.held.map((info) => [info.name, heldInput(info, builder, hold[info.name] ?? [0])]);
}

function heldInput(info: ValueInfoProto, builder: ProgramBuilder, held: readonly number[]): Value {
  const type = info.type?.value.case === 'tensorType' ? info.type.value.value.elemType : 0;
  const isReal = [Type.FLOAT, Type.DOUBLE, Type.FLOAT16, Type.BFLOAT16].includes(type);
  if (!isReal && ![Type.INT32, Type.INT64, Type.BOOL, Type.UINT8, Type.INT8].includes(type)) {
    throw new InputError(`input '${info.name}' holds ${typeName(type)}, expected numbers`);
  }
  const { rows } = builder.batch;
  const shape = axesOf(info).map((n, axis) => (n === undefined || (axis === 0 && n === rows) ? 1 : n));
  const size = sizeOf(checkConstant(shape));
  if (held.length !== 1 && held.length !== size) {
    throw new InputError(`input '${info.name}' is held at ${held.length} values, expected 1 or ${size}`);
  }
  const data = Float64Array.from({ length: size }, (_, i) => held[held.length === 1 ? 0 : i]);
  if (!isReal) return { kind: 'constant', shape, data };
  const numberType = type === Type.DOUBLE ? 'float64' : 'float32';
  return builder.constant({ kind: 'constant', shape, data, numberType });
}

/** Rounds a value to half precision. */
function toHalf(builder: ProgramBuilder, x: Rows): Rows {
  const width = sizeOf(x.shape);
  return builder.elementwise([x], x.shape, x.numberType, ([source], target, rows) => {
    for (let i = 0; i < rows * width; i++) target[i] = roundToHalf(source[i]);
  });
}

/** Runs `action`; an `InputError` that it throws is given the operator's and the node's name. */
function inNode<T>(node: NodeProto, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const name = (node.name || node.output[0] || '').slice(0, 80);
    const message = `operator ${node.opType.slice(0, 40) || '(none)'} (node '${name}') ${error.message}`;
    throw error instanceof UnsupportedError ? new UnsupportedError(message) : new InputError(message);
  }
}
