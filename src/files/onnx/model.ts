import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { InputError } from '../../base/errors.js';
import type { Batch } from './builder.js';
import { type Chosen, chooseTensors, type TensorNames } from './choose.js';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType as Type,
  type ValueInfoProto,
} from './onnx_pb.js';
import { type ReadBeside, takeIn, typeName } from './tensor.js';
import { describeShape, largestWidth, type NumberType, sizeOf } from './values.js';

export type { TensorNames } from './choose.js';

/** Largest file that is read: 4096 × 4096 weights of float64 in two layers. */
const largestFile = 2 ** 28;

/** Oldest operator set whose broadcasting is the one implemented here. */
const oldestOperatorSet = 7;

/** An input of a graph. */
export interface GraphInput {
  readonly name: string;
  /** Number type in which it is evaluated; half precision is evaluated in float32. */
  readonly elementType: NumberType;
  /** Whether its values are of half precision. */
  readonly isHalf: boolean;
  readonly batch: Batch;
  /** Sizes of its axes for one query: the axis that counts queries is 1. */
  readonly shape: readonly number[];
}

/** A model whose outer form has been checked: one graph, the input and the output that are meant. */
export interface Model {
  readonly graph: GraphProto;
  readonly chosen: Chosen;
  readonly input: GraphInput;
  readonly output: string;
  /** Whether the answers are of half precision. */
  readonly givesHalf: boolean;
  /** Version of the standard operators. */
  readonly operatorSet: number;
  /** The `metadata_props` of the file. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** What a file may leave open. */
export interface ModelOptions extends TensorNames {
  /** Number of inputs, where the file leaves one size of the input's shape open. */
  readonly inputDimension?: number | undefined;
}

/** Decodes an ONNX file and checks its outer form; throws `InputError` with one sentence, less the file's name. */
export function readModel(bytes: Uint8Array, options: ModelOptions = {}): Model {
  const model = decodeModel(bytes);
  const graph = model.graph;
  if (graph === undefined || graph.node.length === 0) {
    throw new InputError('is not an ONNX model: it holds no graph of operators');
  }
  const operatorSet = Number(model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 0);
  if (operatorSet < oldestOperatorSet) {
    throw new InputError(`uses ONNX operator set ${operatorSet}, expected at least ${oldestOperatorSet}`);
  }
  const chosen = chooseTensors(graph, options);
  return {
    graph,
    chosen,
    input: readInput(chosen.input, chosen.output, options.inputDimension),
    output: chosen.output.name,
    givesHalf: tensorOf(chosen.output)?.elemType === Type.FLOAT16,
    operatorSet,
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

/** The same model with the weights of other files taken in; everything else is kept, also what is not read here. */
export function withWeightsInside(bytes: Uint8Array, readBeside: ReadBeside): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const isBeside = model.graph?.initializer.some(({ dataLocation }) => dataLocation !== 0);
  if (!isBeside) return bytes;
  for (const tensor of model.graph?.initializer ?? []) takeIn(tensor, readBeside);
  return toBinary(ModelProtoSchema, model);
}

/** Whether `domain` is that of the standard operators. */
export const isStandard = (domain: string) => domain === '' || domain === 'ai.onnx';

function decodeModel(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw new InputError('is empty, expected an ONNX model');
  if (bytes.length > largestFile) {
    throw new InputError(`is ${bytes.length} bytes long, expected at most ${largestFile}`);
  }
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new InputError('is not an ONNX model, or is cut short', { cause: error });
  }
}

const tensorOf = ({ type }: ValueInfoProto) =>
  type?.value.case === 'tensorType' ? type.value.value : undefined;

/** Sizes of the axes of a tensor; those that the file leaves open are undefined. */
export function axesOf(info: ValueInfoProto): readonly (number | undefined)[] {
  return (tensorOf(info)?.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : undefined,
  );
}

function readInput(info: ValueInfoProto, output: ValueInfoProto, told: number | undefined): GraphInput {
  const { name } = info;
  const type = tensorOf(info)?.elemType;
  if (type !== Type.FLOAT && type !== Type.DOUBLE && type !== Type.FLOAT16) {
    const found = type === undefined ? 'no tensor' : typeName(type);
    throw new InputError(`input '${name}' holds ${found}, expected float32 or float64`);
  }
  const axes = axesOf(info);
  const found = axes.length === 0 ? 'no shape' : `shape (${axes.map((n) => n ?? '?').join(', ')})`;
  // [k, …] with k above 1 is one query where the output is not of k rows
  const [given] = axesOf(output);
  const counted =
    axes.length > 1 && axes[0] !== 1 && (axes[0] === undefined || given === undefined || given === axes[0]);
  const tail = counted ? axes.slice(1) : [...axes];
  const open = tail.flatMap((n, axis) => (n === undefined ? [axis] : []));
  if (open.length === 1 && told !== undefined) {
    const known = tail.reduce<number>((product, n) => product * (n ?? 1), 1);
    if (told % known !== 0) {
      throw new InputError(`input '${name}' has ${found}, --input-dimension says ${told}`);
    }
    tail[open[0]] = told / known;
  } else if (open.length === 1) {
    throw new InputError(
      `input '${name}' has ${found}, which leaves the number of inputs open, expected --input-dimension`,
    );
  }
  if (axes.length === 0 || !tail.every((n) => n !== undefined && n <= largestWidth)) {
    throw new InputError(
      `input '${name}' has ${found}, expected (batch, features) with a known number of features`,
    );
  }
  const known = tail as number[];
  if (sizeOf(known) > largestWidth) {
    throw new InputError(
      `input '${name}' has shape ${describeShape(known)}, expected at most ${largestWidth} features`,
    );
  }
  return {
    name,
    elementType: type === Type.DOUBLE ? 'float64' : 'float32',
    isHalf: type === Type.FLOAT16,
    batch: { counted, rows: counted ? axes[0] : undefined },
    shape: counted ? [1, ...known] : known,
  };
}
