import { InputError } from '../../base/errors.js';
import { type AttributeProto, AttributeProto_AttributeType as Kind, type NodeProto } from './onnx_pb.js';
import { type ReadBeside, readTensor } from './tensor.js';
import type { Constant } from './values.js';

/** A node's attributes with their defaults; every getter throws `InputError` for an attribute of another kind. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, AttributeProto>;

  readonly #readBeside: ReadBeside | undefined;

  constructor(node: NodeProto, readBeside?: ReadBeside) {
    this.#readBeside = readBeside;
    this.#byName = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
  }

  #find(name: string, kind: Kind): AttributeProto | undefined {
    const attribute = this.#byName.get(name);
    if (attribute !== undefined && attribute.type !== kind) {
      throw new InputError(
        `attribute '${name}' is of kind ${attribute.type}, expected ${kind} (${Kind[kind]})`,
      );
    }
    return attribute;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  float(name: string, missing: number): number {
    return this.#find(name, Kind.FLOAT)?.f ?? missing;
  }

  integer(name: string, missing: number): number {
    return Number(this.#find(name, Kind.INT)?.i ?? missing);
  }

  integers(name: string): number[] | undefined {
    return this.#find(name, Kind.INTS)?.ints.map(Number);
  }

  floats(name: string): number[] | undefined {
    return this.#find(name, Kind.FLOATS)?.floats;
  }

  text(name: string, missing: string): string {
    const attribute = this.#find(name, Kind.STRING);
    return attribute === undefined ? missing : new TextDecoder().decode(attribute.s.subarray(0, 100));
  }

  tensor(name: string): Constant | undefined {
    const attribute = this.#find(name, Kind.TENSOR);
    return attribute?.t && readTensor(attribute.t, this.#readBeside);
  }
}
