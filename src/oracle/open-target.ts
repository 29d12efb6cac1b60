import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InputError } from '../base/errors.js';
import type { OnnxOptions } from '../files/onnx/open.js';
import { openWeights } from '../files/weights/open.js';
import type { ActivationName } from '../network/activations.js';
import { isCode, openCode } from './code/open.js';
import { isForeign, openForeign } from './foreign-files.js';
import { openHttp } from './http/open.js';
import type { ProtocolName } from './http/protocol.js';
import { describeModel, openOnnxFile } from './onnx/open-file.js';
import type { OpenedTarget } from './opened-target.js';
import type { LineFormat } from './program/lines.js';
import { openProgram } from './program/open.js';

export type { OpenedTarget } from './opened-target.js';

/** How a target is opened; each kind takes some of these. */
export interface TargetOptions {
  /** A command, in place of a file or an address. */
  readonly exec?: string | undefined;
  readonly inputDimension?: number | undefined;
  /** Names of the input and the output that are meant, where there are several. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Values at which the other inputs of an ONNX file are held: one for all entries, or one for each. */
  readonly hold?: Readonly<Record<string, readonly number[]>> | undefined;
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
    takes: ['precision', 'activation', 'output'],
    recognises: (place) => /\.(safetensors|npz|nnet)$/i.test(place),
    async open(place, options) {
      const bytes = await readTargetFile(place);
      const opened = describeModel(place, openWeights(bytes, place, given(options)));
      if (options.output === undefined) return opened;
      const digest = createHash('sha256').update(bytes).digest('hex');
      return { ...opened, identity: `weights\n${options.output}\n${digest}` };
    },
  },
  {
    what: 'a file of other software',
    takes: ['precision'],
    recognises: isForeign,
    open: openForeign,
  },
  {
    what: 'an ONNX file',
    takes: ['precision', 'inputDimension', 'input', 'output', 'hold', 'batch'],
    recognises: () => true,
    open: async (place, options) => openOnnxFile(await readTargetFile(place), place, options),
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
function given({ precision, activation, output }: TargetOptions) {
  return { ...(precision !== undefined && { precision }), activation, output };
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
