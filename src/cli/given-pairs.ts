import { basename, extname } from 'node:path';
import { InputError } from '../base/errors.js';
import { readPairs } from '../files/data/read-table.js';
import type { OpenedTarget } from '../oracle/opened-target.js';
import type { Dataset } from '../records.js';
import { type TargetCommandOptions, targetOptionsOf } from './target-options.js';

/** The options that say where pairs are, parsed. */
export interface PairsCommandOptions {
  /** A file of pairs in place of a target, and which of its columns or arrays are which. */
  readonly data?: string;
  readonly inputs?: string;
  readonly outputs?: string;
}

/** Pairs that the user named, as a target that answers nothing. */
export interface GivenPairs {
  readonly pairs: Dataset;
  readonly opened: OpenedTarget;
}

/**
 * Reads the pairs of `--data`; undefined where there is none. Throws `InputError` when the file cannot be read, or
 * with options that only a target has.
 */
export async function openPairs(
  target: string | undefined,
  options: PairsCommandOptions &
    TargetCommandOptions & {
      readonly budget: number;
      readonly bounds?: unknown;
      readonly grid?: unknown;
      readonly depth: number | 'auto';
    },
): Promise<GivenPairs | undefined> {
  const { data, inputs, outputs } = options;
  if (data === undefined) {
    for (const flag of ['inputs', 'outputs'] as const) {
      if (options[flag] !== undefined) throw new InputError(`--${flag} has no meaning without --data`);
    }
    return undefined;
  }
  if (target !== undefined) {
    throw new InputError(`got the target ${target} and --data ${data}, expected one of the two`);
  }
  const asked = Object.entries(targetOptionsOf(options)).find(([, value]) => value !== undefined);
  const flag =
    options.budget !== Number.POSITIVE_INFINITY
      ? '--budget'
      : options.bounds != null
        ? '--bounds'
        : options.grid != null
          ? '--grid'
          : options.record !== undefined
            ? '--record'
            : asked && `--${asked[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (flag !== undefined) throw new InputError(`${flag} has no meaning with --data: nothing is asked`);
  const pairs = await readPairs(data, {
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
  });
  const { count, inputDimension, outputDimension } = pairs;
  const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return {
    pairs,
    opened: {
      name: basename(data, extname(data)).replaceAll(/[^\w.-]+/g, '_') || 'data',
      place: data,
      description: `unknown; ${data} holds ${counted(count, 'pair')} of ${counted(inputDimension, 'input')} and ${counted(outputDimension, 'output')}`,
      file: data,
      inputDimension,
      outputDimension,
      ask: () => {
        throw new Error('pairs answer no queries');
      },
      async close() {},
    },
  };
}
