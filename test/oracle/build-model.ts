import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from '../../src/files/onnx/onnx_pb.js';

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Tensor = MessageInitShape<typeof TensorProtoSchema>;

/** A float64 tensor. */
export function tensor(name: string, dims: readonly number[], values: readonly number[]): Tensor {
  return { name, dims: dims.map(BigInt), dataType: 11, doubleData: [...values] };
}

/** A node with integer attributes. */
export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Record<string, number> = {},
): Node {
  const attribute = Object.entries(attributes).map(([name, i]) => ({ name, i: BigInt(i), type: Kind.INT }));
  return { opType, input: [...input], output: [output], name: `the ${opType}`, attribute };
}

export interface ModelParts {
  readonly nodes: readonly Node[];
  readonly tensors?: readonly Tensor[];
  /** Sizes of the input's axes; a word is a symbolic size. */
  readonly axes?: readonly (number | string)[] | undefined;
  readonly elementType?: number;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Sizes of the outputs' axes; without them the outputs have no type. */
  readonly outputAxes?: readonly (number | string)[];
  readonly operatorSet?: number;
}

/** The bytes of a model with input x (batch, 2) and output y unless said otherwise. */
export function modelBytes(parts: ModelParts): Uint8Array {
  const elemType = parts.elementType ?? 11;
  const typeOf = (axes: ModelParts['axes']) => {
    const dim = axes?.map((n) => ({
      value:
        typeof n === 'number'
          ? { case: 'dimValue' as const, value: BigInt(n) }
          : { case: 'dimParam' as const, value: n },
    }));
    return { value: { case: 'tensorType' as const, value: { elemType, ...(dim && { shape: { dim } }) } } };
  };
  const type = typeOf('axes' in parts ? parts.axes : ['batch', 2]);
  const outputType = parts.outputAxes && { type: typeOf(parts.outputAxes) };
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: BigInt(parts.operatorSet ?? 17) }],
    graph: {
      name: 'test',
      node: [...parts.nodes],
      initializer: [...(parts.tensors ?? [])],
      input: (parts.inputs ?? ['x']).map((name) => ({ name, type })),
      output: (parts.outputs ?? ['y']).map((name) => ({ name, ...outputType })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
