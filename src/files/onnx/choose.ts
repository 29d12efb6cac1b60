import { InputError } from '../../base/errors.js';
import { type Dependencies, dependenciesOf, writersOf } from './graph.js';
import type { GraphProto, NodeProto, ValueInfoProto } from './onnx_pb.js';

/** Names of the input and the output that are meant, where a model has several. */
export interface TensorNames {
  readonly input?: string | undefined;
  readonly output?: string | undefined;
}

/** The one input and the one output of a graph between which the network is. */
export interface Chosen {
  readonly input: ValueInfoProto;
  /** The other inputs on which the output depends. */
  readonly held: readonly ValueInfoProto[];
  readonly output: ValueInfoProto;
  /** What the output depends on, in the file's order. */
  readonly nodes: readonly NodeProto[];
  /** Whether the file has other inputs and other outputs. */
  readonly isOneOf: { readonly inputs: boolean; readonly outputs: boolean };
}

interface Candidate extends Dependencies {
  readonly output: ValueInfoProto;
  readonly inputs: readonly ValueInfoProto[];
}

/** Most outputs that are looked at when none is named. */
const mostOutputs = 256;

/** Operators that answer by chance. */
export const randomOperators = /^(Random|Multinomial$|Bernoulli$)/;

/** Operators that leave a value as it is. */
const passOperators = /^(Identity|Cast|Flatten|Reshape|Squeeze|Unsqueeze)$/;

/** Types whose values are real numbers, by their number in the format; 0 where the file does not say. */
const realTypes = [0, 1, 10, 11, 16];

/**
 * The output and the input that `names` mean, or the only ones that can be meant: an output that is computed
 * from an input, in real numbers before integers, and not by chance; the input that it depends on. Throws
 * `InputError` that lists them where there are several.
 */
export function chooseTensors(graph: GraphProto, names: TensorNames): Chosen {
  const writers = writersOf(graph);
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  const wanted = graph.output.filter(({ name }) => name === names.output);
  const outputs = wanted.length > 0 ? wanted : graph.output;
  if (outputs.length > mostOutputs) {
    throw new InputError(`has ${listed('output', outputs)}, expected one of them by --output`);
  }
  const candidates = outputs.map((output): Candidate => {
    const found = dependenciesOf(writers, output.name);
    return { ...found, output, inputs: inputs.filter(({ name }) => found.sources.has(name)) };
  });
  const candidate = chooseOutput(candidates, names.output);
  const input = chooseInput(candidate, inputs, names.input);
  return {
    input,
    held: candidate.inputs.filter((other) => other !== input),
    output: candidate.output,
    nodes: graph.node.filter((node) => candidate.nodes.has(node)),
    isOneOf: { inputs: candidate.inputs.length > 1, outputs: graph.output.length > 1 },
  };
}

function chooseOutput(all: readonly Candidate[], wanted: string | undefined): Candidate {
  if (wanted !== undefined) {
    const found = all.find(({ output }) => output.name === wanted);
    if (found !== undefined) return found;
  }
  const left = [isComputed, isReal, isRepeatable].reduce<readonly Candidate[]>((those, rule) => {
    const kept = those.filter(rule);
    return kept.length > 0 ? kept : those;
  }, all);
  if (left.length === 1 && wanted === undefined) return left[0];
  const expected = wanted === undefined ? 'one of them by --output' : `'${wanted.slice(0, 40)}' among them`;
  const shown = wanted === undefined ? left : all;
  throw new InputError(
    `has ${listed(
      'output',
      shown.map(({ output }) => output),
    )}, expected ${expected}`,
  );
}

/** Whether more is done than to hand an input on. */
function isComputed({ nodes, inputs }: Candidate): boolean {
  return inputs.length > 0 && [...nodes].some(({ opType }) => !passOperators.test(opType));
}

const isRepeatable = ({ nodes }: Candidate) => ![...nodes].some(({ opType }) => randomOperators.test(opType));

function isReal({ output: { type } }: Candidate): boolean {
  return type?.value.case !== 'tensorType' || realTypes.includes(type.value.value.elemType);
}

function chooseInput(
  { inputs, output }: Candidate,
  all: readonly ValueInfoProto[],
  wanted: string | undefined,
): ValueInfoProto {
  const found = inputs.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  if (wanted !== undefined && all.some(({ name }) => name === wanted)) {
    throw new InputError(
      `has the output '${output.name}' that does not depend on the input '${wanted}', expected another --input or --output`,
    );
  }
  if (wanted !== undefined) {
    throw new InputError(`has ${listed('input', all)}, expected '${wanted.slice(0, 40)}' among them`);
  }
  if (inputs.length === 1) return inputs[0];
  if (inputs.length === 0) {
    if (all.length === 1) return all[0]; // the compiler says what is wrong with it
    if (all.length === 0) throw new InputError('has 0 inputs, expected one');
    throw new InputError(`has an output '${output.name}' that does not depend on an input`);
  }
  throw new InputError(
    `has ${listed('input', inputs)}, expected one of them by --input, the others being held at 0 or at --hold NAME=VALUE`,
  );
}

function listed(what: string, infos: readonly ValueInfoProto[]): string {
  const names = infos.slice(0, 8).map(({ name }) => `'${name.slice(0, 40)}'`);
  const list = names.length > 0 ? ` (${names.join(', ')}${infos.length > 8 ? ', …' : ''})` : '';
  return `${infos.length} ${what}${infos.length === 1 ? '' : 's'}${list}`;
}
