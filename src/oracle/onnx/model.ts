import { fromBinary } from '@bufbuild/protobuf';
import { InputError } from '../../base/errors.js';
import { type GraphProto, type ModelProto, ModelProtoSchema, type ValueInfoProto } from './onnx_pb.js';
import { typeName } from './tensor.js';
import { describeShape, largestWidth, sizeOf } from './values.js';

/** Largest file that is read: 4096 × 4096 weights of float64 in two layers. */
const largestFile = 2 ** 28;

/** Oldest operator set whose broadcasting is the one implemented here. */
const oldestOperatorSet = 7;

/** The one input of a graph. */
export interface GraphInput {
  readonly name: string;
  readonly elementType: 'float32' | 'float64';
  /** Number of rows when the file fixes it. */
  readonly rows: number | undefined;
  /** Sizes of the axes after the first one. */
  readonly tail: readonly number[];
}

/** A model whose outer form has been checked: one graph, one input, one output. */
export interface Model {
  readonly graph: GraphProto;
  readonly input: GraphInput;
  readonly output: string;
  /** Version of the standard operators. */
  readonly operatorSet: number;
  /** The `metadata_props` of the file. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Names of the input and the output that are meant, where a model has several. */
export interface TensorNames {
  readonly input?: string | undefined;
  readonly output?: string | undefined;
}

/** Whether bytes are an ONNX file at all, whatever its graph holds. */
export function isModel(bytes: Uint8Array): boolean {
  try {
    return (decodeModel(bytes).graph?.node.length ?? 0) > 0;
  } catch {
    return false;
  }
}

/** Decodes an ONNX file and checks its outer form; throws `InputError` with one sentence, less the file's name. */
export function readModel(bytes: Uint8Array, names: TensorNames = {}): Model {
  const model = decodeModel(bytes);
  const graph = model.graph;
  if (graph === undefined || graph.node.length === 0) {
    throw new InputError('is not an ONNX model: it holds no graph of operators');
  }
  const operatorSet = Number(model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 0);
  if (operatorSet < oldestOperatorSet) {
    throw new InputError(`uses ONNX operator set ${operatorSet}, expected at least ${oldestOperatorSet}`);
  }
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  return {
    graph,
    input: readInput(single('input', inputs, names.input)),
    output: single('output', graph.output, names.output).name,
    operatorSet,
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
  };
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

/** The one input or output, or of several outputs the one called `name`. */
function single(what: string, infos: readonly ValueInfoProto[], wanted: string | undefined): ValueInfoProto {
  const found = infos.find(({ name }) => name === wanted);
  if (infos.length === 1 && (found !== undefined || wanted === undefined)) return infos[0];
  if (found !== undefined && what === 'output') return found;
  const names = infos.slice(0, 8).map(({ name }) => `'${name}'`);
  const list = names.length > 0 ? ` (${names.join(', ')}${infos.length > 8 ? ', …' : ''})` : '';
  const expected =
    wanted !== undefined && found === undefined ? `'${wanted.slice(0, 40)}' among them` : 'one';
  throw new InputError(`has ${infos.length} ${what}s${list}, expected ${expected}`);
}

function readInput({ name, type }: ValueInfoProto): GraphInput {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  if (tensor?.elemType !== 1 && tensor?.elemType !== 11) {
    const found = tensor === undefined ? 'no tensor' : typeName(tensor.elemType);
    throw new InputError(`input '${name}' holds ${found}, expected float32 or float64`);
  }
  const axes = (tensor.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : undefined,
  );
  const tail = axes.slice(1);
  if (axes.length < 2 || !tail.every((n) => n !== undefined && n > 0 && n <= largestWidth)) {
    const found = axes.length === 0 ? 'no shape' : `shape (${axes.map((n) => n ?? '?').join(', ')})`;
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
  return { name, elementType: tensor.elemType === 1 ? 'float32' : 'float64', rows: axes[0], tail: known };
}
