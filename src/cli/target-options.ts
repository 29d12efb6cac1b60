import { InputError } from '../base/errors.js';
import { checkPrecision, type OnnxOptions, precisions } from '../files/onnx/open.js';
import { httpDefaults } from '../oracle/http/open.js';
import { type ProtocolName, protocolNames } from '../oracle/http/protocol.js';
import type { TargetOptions } from '../oracle/open-target.js';
import { type LineFormat, lineFormats } from '../oracle/program/lines.js';
import { programDefaults } from '../oracle/program/open.js';
import type { OptionEntry } from './option-table.js';
import { integer, oneOf } from './option-table.js';

/** The options of `eac recover` that say what the target is and how it is asked, parsed. */
export interface TargetCommandOptions {
  readonly exec?: string;
  readonly inputDimension?: number;
  readonly input?: string;
  readonly output?: string;
  readonly hold?: Readonly<Record<string, readonly number[]>>;
  readonly precision?: NonNullable<OnnxOptions['precision']>;
  readonly protocol?: ProtocolName;
  readonly header?: readonly string[];
  readonly lines?: LineFormat;
  readonly batch?: number;
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly cache?: boolean;
  readonly record?: string;
}

/** NAME=VALUE or NAME=V,V,… beside what earlier ones said. */
function parseHold(text: string, earlier: unknown): Readonly<Record<string, readonly number[]>> {
  const [, name, list] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  const values = list?.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word))) ?? [];
  if (name === undefined || !values.every(Number.isFinite)) {
    throw new InputError(
      `--hold must be NAME=VALUE with a number or a list of numbers, got '${text.slice(0, 60)}'`,
    );
  }
  const before = (earlier ?? {}) as Readonly<Record<string, readonly number[]>>;
  return Object.fromEntries([...Object.entries(before), [name, values]]);
}

/** Reads a number of seconds, up to `most`. Throws `InputError` that names the flag. */
export const seconds = (flag: string, most: number) => (text: string) => {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= most) return value;
  throw new InputError(`${flag} must be a number of seconds above 0, got '${text}'`);
};

/** The part of the table of `eac recover` about the target; docs/targets.md tells more. */
export const targetOptionTable: readonly OptionEntry[] = [
  {
    flags: '--exec <command>',
    meaning: 'a program as the target: it reads a query a line and writes an answer a line',
    shownDefault: 'none',
  },
  {
    flags: '--input-dimension <n>',
    meaning: 'number of inputs, where the target does not tell',
    parse: integer('--input-dimension', 1, 100_000),
    shownDefault: "the target's",
  },
  {
    flags: '--input <name>',
    meaning: 'the input that is meant, where the model has several',
    shownDefault: 'the only one',
  },
  {
    flags: '--output <name>',
    meaning: 'the output that is meant, where the model has several',
    shownDefault: 'the only one',
  },
  {
    flags: '--hold <name=value>',
    meaning: 'another input of an ONNX file is held at a number, or at numbers with commas; may be repeated',
    parse: parseHold,
    shownDefault: '0',
  },
  {
    flags: '--precision <type>',
    meaning: `number type in which a file is evaluated: ${precisions.join(', ')}; own is the file's`,
    parse: checkPrecision,
    shownDefault: 'own',
  },
  {
    flags: '--protocol <name>',
    meaning: `protocol of a served model: ${protocolNames.join(', ')}`,
    parse: oneOf('--protocol', protocolNames),
    shownDefault: 'from the address',
  },
  {
    flags: '--header <line>',
    meaning: "header of every request, as 'Authorization: Bearer …'; may be repeated, is never stored",
    parse: (text, earlier) => [...((earlier as readonly string[] | undefined) ?? []), text],
    shownDefault: 'none',
  },
  {
    flags: '--lines <format>',
    meaning: `how a program gets its queries: ${lineFormats.join(', ')}`,
    parse: oneOf('--lines', lineFormats),
    shownDefault: programDefaults.lines,
  },
  {
    flags: '--batch <n>',
    meaning: 'most queries in one request',
    parse: integer('--batch', 1, 1_000_000),
    shownDefault: String(httpDefaults.batch),
  },
  {
    flags: '--concurrency <n>',
    meaning: 'most requests at a time',
    parse: integer('--concurrency', 1, 1000),
    shownDefault: String(httpDefaults.concurrency),
  },
  {
    flags: '--timeout <seconds>',
    meaning: 'longest wait for an answer',
    parse: seconds('--timeout', 86_400),
    shownDefault: String(httpDefaults.timeout),
  },
  {
    flags: '--retries <n>',
    meaning: 'how often a request that failed is tried again',
    parse: integer('--retries', 0, 1000),
    shownDefault: String(httpDefaults.retries),
  },
  {
    flags: '--no-cache',
    meaning: 'ask everything anew, and keep no answers in the folder of the run',
    shownDefault: 'off',
  },
  {
    flags: '--record <file>',
    meaning: 'write all queries and answers to FILE.npz or FILE.csv',
    shownDefault: 'none',
  },
];

/** What of the options concerns the opening of the target. */
export function targetOptionsOf(options: TargetCommandOptions): TargetOptions {
  const { exec, inputDimension, input, output, hold, precision, protocol, header } = options;
  const { lines, batch, concurrency, timeout, retries } = options;
  const limits = { lines, batch, concurrency, timeout, retries };
  return { exec, inputDimension, input, output, hold, precision, protocol, header, ...limits };
}
