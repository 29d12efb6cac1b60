import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/errors.js';
import { sizeOf } from '../../files/onnx/values.js';
import { counted, folderName, type OpenedTarget } from '../opened-target.js';

/** What is used of ONNX Runtime, which is installed only where it is wanted. */
interface Runtime {
  readonly env?: { wasm?: { numThreads?: number }; logLevel?: string };
  readonly Tensor: new (type: string, data: ArrayBufferView, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
}

interface Session {
  readonly inputMetadata: readonly TensorMetadata[];
  readonly outputMetadata: readonly TensorMetadata[];
  run(
    feeds: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
  ): Promise<
    Readonly<Record<string, { readonly data: ArrayLike<unknown>; readonly dims: readonly number[] }>>
  >;
  release(): Promise<void>;
}

interface TensorMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  /** Names stand for sizes that are not fixed. */
  readonly shape?: readonly (number | string)[];
}

/** How a model is asked that ONNX Runtime evaluates. */
export interface RuntimeOptions {
  readonly inputDimension?: number | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Values at which other inputs are held, one for all entries or one for each. */
  readonly hold?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Most queries of one call. */
  readonly batch?: number | undefined;
}

/** What an option is when it is not given. */
const defaultBatch = 256;

/**
 * The packages of ONNX Runtime in the order in which they are looked for. The native one answers four to five
 * times as fast; the other, in WebAssembly, installs everywhere by itself (docs/dependencies.md). The names are
 * no literals of imports, because neither need be there.
 */
const packageNames: readonly string[] = ['onnxruntime-node', 'onnxruntime-web'];

/** The command that installs ONNX Runtime where this package finds it. */
export function installRuntime(): string {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  const parent = dirname(root);
  // in a clone, in the modules of npm install --global, or in those of a project
  const isClone = basename(parent) !== 'node_modules';
  const isGlobal = !existsSync(join(dirname(parent), 'package.json'));
  return `npm install ${isClone ? '--no-save ' : isGlobal ? '--global ' : ''}onnxruntime-web`;
}

/** ONNX Runtime where it is installed beside this package; undefined elsewhere. */
export async function loadRuntime(): Promise<Runtime | undefined> {
  for (const name of packageNames) {
    try {
      const loaded = (await import(name)) as Runtime & { readonly default?: Runtime };
      const runtime = loaded.InferenceSession === undefined ? loaded.default : loaded;
      // one thread: the answers are the same every time
      if (runtime?.env?.wasm !== undefined) runtime.env.wasm.numThreads = 1;
      if (runtime?.env !== undefined) runtime.env.logLevel = 'error';
      return runtime;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') continue;
      throw new InputError(`ONNX Runtime cannot be loaded: ${oneLine(error)}`, { cause: error });
    }
  }
  return undefined;
}

const onOneThread = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
};

/**
 * Opens any ONNX model with ONNX Runtime, on one thread, so that its answers are the same every time. A query
 * is the input flattened, an answer the output; other inputs are held at 0 or at what `hold` says. Throws
 * `InputError` that names the file.
 */
export async function openWithRuntime(
  runtime: Runtime,
  bytes: Uint8Array,
  fileName: string,
  options: RuntimeOptions,
): Promise<OpenedTarget> {
  const session = await attempt(fileName, () => runtime.InferenceSession.create(bytes, onOneThread));
  const input = choose(session.inputMetadata, options.input, 'input', fileName);
  const output = choose(session.outputMetadata, options.output, 'output', fileName);
  const { shape = [], type } = input;
  if (type !== 'float32' && type !== 'float64') {
    throw new InputError(`${fileName}: input '${input.name}' holds ${type}, expected float32 or float64`);
  }
  const { rows, tail } = resolveShape(shape, options.inputDimension, `${fileName}: input '${input.name}'`);
  const inputDimension = sizeOf(tail);
  const others = session.inputMetadata.filter((other) => other !== input);
  const tensor = (kind: string, values: Float64Array, dims: readonly number[]) =>
    new runtime.Tensor(kind, typedValues(kind, values, fileName), dims);

  /** The answers to as many queries as the model takes at once; missing ones are filled up with zeros. */
  async function run(inputs: Float64Array, count: number): Promise<Float64Array> {
    const size = rows ?? count;
    const filled = new Float64Array(size * inputDimension);
    filled.set(inputs);
    const feeds = Object.fromEntries(
      others.map((other) => {
        const { values, dims } = heldValues(other, options.hold?.[other.name], size);
        return [other.name, tensor(other.type ?? 'float32', values, dims)];
      }),
    );
    feeds[input.name] = tensor(type!, filled, shape.length === tail.length ? tail : [size, ...tail]);
    const results = await attempt(fileName, () => session.run(feeds, [output.name]));
    const answers = Float64Array.from(results[output.name].data as ArrayLike<number>, Number);
    return answers.length % size === 0 ? answers.slice(0, (answers.length / size) * count) : answers;
  }

  const description = `${counted(inputDimension, 'input')}, ${type}, evaluated by ONNX Runtime`;
  return {
    name: folderName(basename(fileName, extname(fileName))),
    description: `${fileName} (${description})`,
    place: fileName,
    file: fileName,
    inputDimension,
    precision: type,
    identity: ['onnx', input.name, output.name, JSON.stringify(options.hold ?? {}), hashOf(bytes)].join('\n'),
    batches: { size: rows ?? options.batch ?? defaultBatch, concurrency: 1 },
    ask: run,
    close: () => session.release(),
  };
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What another input is held at, over an axis of so many queries where it leaves that open. */
function heldValues({ shape = [] }: TensorMetadata, held: readonly number[] = [0], size: number) {
  const dims = shape.map((n, axis) => (typeof n === 'number' && n > 0 ? n : axis === 0 ? size : 1));
  const values = Float64Array.from({ length: sizeOf(dims) }, (_, i) => held[i % held.length]);
  return { values, dims };
}

/** Numbers as an array of the type that a tensor of `kind` has. */
function typedValues(kind: string, values: Float64Array, fileName: string): ArrayBufferView {
  switch (kind) {
    case 'float64':
      return values;
    case 'float32':
      return Float32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(Math.trunc(value)));
    case 'int32':
      return Int32Array.from(values);
    case 'bool':
      return Uint8Array.from(values);
    default:
      throw new InputError(`${fileName} has an input of ${kind}, expected numbers`);
  }
}

/**
 * The number of rows where the model fixes it (1 where a query has no axis of its own), and the other axes; the
 * one size that the model leaves open follows from the number of inputs.
 */
function resolveShape(shape: readonly (number | string)[], told: number | undefined, label: string) {
  const shown = `the shape (${shape.join(', ')})`;
  const [first, ...rest] = shape;
  const isFixed = typeof first === 'number' && first > 0;
  const isOneQuery = shape.length === 1 && isFixed;
  const rows = isOneQuery ? 1 : isFixed ? first : undefined;
  const axes: readonly (number | string)[] = isOneQuery ? shape : rest;
  const open = axes.filter((n) => typeof n !== 'number' || n < 1);
  const known = axes.reduce<number>(
    (product, n) => (typeof n === 'number' && n > 0 ? product * n : product),
    1,
  );
  if (open.length > 1 || axes.length === 0) {
    throw new InputError(`${label} has ${shown}, expected one that fixes the number of features`);
  }
  if (open.length === 1 && told === undefined) {
    throw new InputError(
      `${label} has ${shown}, which leaves the number of inputs open, expected --input-dimension`,
    );
  }
  const missing = told === undefined ? 1 : told / known;
  if (!Number.isInteger(missing) || (open.length === 0 && told !== undefined && missing !== 1)) {
    throw new InputError(`${label} has ${shown}, --input-dimension says ${told}`);
  }
  return { rows, tail: axes.map((n) => (typeof n === 'number' && n > 0 ? n : missing)) };
}

function choose(
  infos: readonly TensorMetadata[],
  name: string | undefined,
  what: string,
  fileName: string,
): TensorMetadata {
  const list = infos
    .slice(0, 8)
    .map((info) => `'${info.name.slice(0, 40)}'`)
    .join(', ');
  const found =
    name === undefined && infos.length === 1 ? infos[0] : infos.find((info) => info.name === name);
  if (found?.isTensor) return found;
  const expected = name === undefined ? `--${what} to name one` : `'${name}' among them`;
  throw new InputError(`${fileName} has the ${what}s ${list}, expected ${expected}`);
}

async function attempt<T>(fileName: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new InputError(`${fileName} cannot be evaluated by ONNX Runtime: ${oneLine(error)}`, {
      cause: error,
    });
  }
}

const oneLine = (error: unknown) =>
  String(error instanceof Error ? error.message : error)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, 300);
