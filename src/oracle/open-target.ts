import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { InputError } from '../base/errors.js';
import type { ActivationName } from '../network/activations.js';
import { isCode, openCode } from './code/open.js';
import { openHttp } from './http/open.js';
import type { ProtocolName } from './http/protocol.js';
import { isModel } from './onnx/model.js';
import { type OnnxModel, type OnnxOptions, openOnnx } from './onnx/open.js';
import { installRuntime, loadRuntime, openWithRuntime } from './onnx/runtime.js';
import { counted, folderName, type OpenedTarget } from './opened-target.js';
import type { LineFormat } from './program/lines.js';
import { openProgram } from './program/open.js';
import { openWeights } from './weights/open.js';

export type { OpenedTarget } from './opened-target.js';

/** How a target is opened; each kind takes some of these. */
export interface TargetOptions {
  /** A command, in place of a file or an address. */
  readonly exec?: string | undefined;
  readonly inputDimension?: number | undefined;
  /** Names of the input and the output that are meant, where there are several. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly precision?: OnnxOptions['precision'] | undefined;
  readonly protocol?: ProtocolName | undefined;
  readonly header?: readonly string[] | undefined;
  readonly lines?: LineFormat | undefined;
  readonly batch?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  /** The activation that the user told: files of weights do not name theirs. */
  readonly activation?: ActivationName | 'auto' | undefined;
  /** Gets a line about a failure that is tried again. */
  readonly notify?: ((message: string) => void) | undefined;
  /** Gets what a program writes to stderr. */
  readonly onStderr?: ((text: string) => void) | undefined;
}

/** A kind of target. */
interface Kind {
  /** In words, for messages. */
  readonly what: string;
  /** The options that it takes. */
  readonly takes: readonly (keyof TargetOptions)[];
  recognises(place: string): boolean;
  open(place: string, options: TargetOptions): OpenedTarget | Promise<OpenedTarget>;
}

const kinds: readonly Kind[] = [
  {
    what: 'a served model',
    takes: [
      'inputDimension',
      'input',
      'output',
      'protocol',
      'header',
      'batch',
      'concurrency',
      'timeout',
      'retries',
    ],
    recognises: (place) => /^https?:\/\//i.test(place),
    open(place, { header, retries, ...options }) {
      return openHttp(place, {
        ...options,
        headers: header,
        retry: retries === undefined ? {} : { retries },
      });
    },
  },
  {
    what: 'a function',
    takes: ['inputDimension', 'batch', 'concurrency'],
    recognises: isCode,
    open: openCode,
  },
  {
    what: 'a file of weights',
    takes: ['precision', 'activation'],
    recognises: (place) => /\.(safetensors|npz)$/i.test(place),
    open: (place, options) => openFile(place, (bytes) => openWeights(bytes, place, given(options))),
  },
  {
    what: 'an ONNX file',
    takes: ['precision', 'inputDimension', 'input', 'output', 'batch'],
    recognises: () => true,
    open: openAnyOnnx,
  },
];

const program: Kind = {
  what: 'a program',
  takes: ['exec', 'inputDimension', 'lines', 'batch', 'timeout'],
  recognises: () => false,
  open: openProgram,
};

/** Options that no kind has to take: they come with every recovery. */
const common: readonly string[] = ['activation', 'notify', 'onStderr'];

/**
 * Opens the target that the user named: an address, a file, a function in a file, or with `exec` a command.
 * Every kind of target is opened here, so that whoever asks it need not know its kind. Throws `InputError`
 * when it cannot be opened, and for options that its kind does not take.
 */
export async function openTarget(
  place: string | undefined,
  options: TargetOptions = {},
): Promise<OpenedTarget> {
  const { exec } = options;
  if ((place === undefined) === (exec === undefined)) {
    const found = place === undefined ? 'no target is named' : `both '${place}' and --exec name a target`;
    throw new InputError(`${found}, expected a file, an address, --exec with a command or --data with pairs`);
  }
  const kind = place === undefined ? program : kinds.find(({ recognises }) => recognises(place))!;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || common.includes(name) || kind.takes.includes(name as keyof TargetOptions))
      continue;
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new InputError(`${flag} is not for ${kind.what}, expected it to be left out`);
  }
  return kind.open(place ?? exec!, options);
}

/** The options of an evaluation, less what is not given. */
function given({ precision, activation, input, output }: TargetOptions) {
  return { ...(precision !== undefined && { precision }), activation, input, output };
}

/**
 * A feed-forward model evaluated here, any other by ONNX Runtime where that is installed. Throws `InputError`
 * that says what is missing.
 */
async function openAnyOnnx(place: string, options: TargetOptions): Promise<OpenedTarget> {
  const bytes = await readTargetFile(place);
  const { precision = 'own', inputDimension } = options;
  let opened: OpenedTarget;
  try {
    opened = describeModel(place, openOnnx(bytes, place, given(options)));
  } catch (error) {
    if (!(error instanceof InputError) || !isModel(bytes)) throw error;
    const runtime = await loadRuntime();
    if (runtime === undefined) {
      throw new InputError(`${error.message}; ONNX Runtime may evaluate it (${installRuntime})`, {
        cause: error,
      });
    }
    if (precision !== 'own') {
      throw new InputError(`${error.message}; ONNX Runtime would evaluate it in its own number type alone`);
    }
    return openWithRuntime(runtime, bytes, place, options);
  }
  if (inputDimension === undefined || inputDimension === opened.inputDimension) return opened;
  throw new InputError(
    `${place} has ${opened.inputDimension} inputs, --input-dimension says ${inputDimension}`,
  );
}

async function openFile(place: string, open: (bytes: Uint8Array) => OnnxModel): Promise<OpenedTarget> {
  return describeModel(place, open(await readTargetFile(place)));
}

/** Rows that a file is evaluated on before other events are handled: 500 of 784 numbers take a quarter of a second in large networks. */
const rowsAtOnce = 500;

function describeModel(place: string, model: OnnxModel): OpenedTarget {
  const { inputDimension, outputDimension, elementType, precision } = model;
  const type = precision === elementType ? elementType : `${elementType}, evaluated in ${precision}`;
  return {
    name: folderName(basename(place, extname(place))),
    description: `${place} (${counted(inputDimension, 'input')}, ${counted(outputDimension, 'output')}, ${type})`,
    place,
    file: place,
    inputDimension,
    outputDimension,
    precision,
    batches: { size: rowsAtOnce, concurrency: 1 },
    ask: (inputs, count) => model.evaluate(inputs, count),
    close: async () => {},
  };
}

async function readTargetFile(place: string): Promise<Uint8Array> {
  try {
    return await readFile(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new InputError(`${place} ${found}, expected an ONNX file`, { cause: error });
  }
}
