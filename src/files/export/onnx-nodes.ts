import type { MessageInitShape } from '@bufbuild/protobuf';
import { bytesOf } from '../data/encode.js';
import {
  AttributeProto_AttributeType as AttributeKind,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from '../onnx/onnx_pb.js';

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Tensor = MessageInitShape<typeof TensorProtoSchema>;

/** ONNX's numbers for the number types. */
export const elementTypes = { float32: 1, float64: 11 } as const;

/** An input or output of a graph: batch × columns numbers. */
export function rowsOf(name: string, columns: number, precision: 'float32' | 'float64') {
  const dim = [
    { value: { case: 'dimParam' as const, value: 'batch' } },
    { value: { case: 'dimValue' as const, value: BigInt(columns) } },
  ];
  const tensor = { elemType: elementTypes[precision], shape: { dim } };
  return { name, type: { value: { case: 'tensorType' as const, value: tensor } } };
}

/** Collects the nodes and constants of a graph of one number type; values are named by strings. */
export class GraphWriter {
  readonly precision: 'float32' | 'float64';
  readonly nodes: Node[] = [];
  readonly tensors: Tensor[] = [];
  readonly #constants = new Map<number, string>();
  readonly #counts = new Map<string, number>();
  /** Put before the names of nodes: a place in the network. */
  scope = '';

  constructor(precision: 'float32' | 'float64') {
    this.precision = precision;
  }

  /**
   * Adds a node with one output, named after scope and operator; returns the output's name. Attributes are
   * integers, but for `alpha` and `epsilon`, which are floats in every operator that has one.
   */
  apply(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, number> = {},
    output?: string,
  ): string {
    const stem = `/${this.scope}/${operator}`;
    const count = this.#counts.get(stem) ?? 0;
    this.#counts.set(stem, count + 1);
    const name = count === 0 ? stem : `${stem}_${count}`;
    const result = output ?? `${name}_output_0`;
    this.nodes.push({
      name,
      opType: operator,
      input: [...inputs],
      output: [result],
      attribute: Object.entries(attributes).map(([key, value]) =>
        key === 'alpha' || key === 'epsilon'
          ? { name: key, f: value, type: AttributeKind.FLOAT }
          : { name: key, i: BigInt(value), type: AttributeKind.INT },
      ),
    });
    return result;
  }

  /** Adds a tensor of the given sizes; returns its name. */
  tensor(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    const { precision } = this;
    const rawData = bytesOf(values, precision);
    this.tensors.push({ name, dims: dims.map(BigInt), dataType: elementTypes[precision], rawData });
    return name;
  }

  /** The name of a scalar constant, one for each value. */
  constant(value: number): string {
    let name = this.#constants.get(value);
    if (name === undefined) {
      name = this.tensor(`constant_${this.#constants.size}`, [], [value]);
      this.#constants.set(value, name);
    }
    return name;
  }
}
