import type { Target } from '../query/oracle.js';

/** A target that the user named, ready to be asked. */
export interface OpenedTarget {
  /** Short name, fit for a folder's name. */
  readonly name: string;
  /** The target in words: where it is and what it takes and gives. */
  readonly description: string;
  /** The target as files may record it: what the user named, less every secret. */
  readonly place: string;
  /** The file that it is read from, where it is one: nothing may be written over it. */
  readonly file?: string;
  readonly inputDimension: number;
  /** Undefined where only an answer will tell. */
  readonly outputDimension?: number;
  /** Number type to which a file's evaluation rounds what it is asked. */
  readonly precision?: 'float32' | 'float64';
  /**
   * Under what its answers are kept on disk: everything that distinguishes it from other targets. Undefined
   * where asking again costs nothing.
   */
  readonly identity?: string;
  /** Most queries of one call of `ask`, and most calls at a time; undefined where all can be asked at once. */
  readonly batches?: BatchLimits;
  readonly ask: Target;
  /** Ends what was started for the target. */
  close(): Promise<void>;
}

/** How many queries a target takes at once. */
export interface BatchLimits {
  readonly size: number;
  readonly concurrency: number;
}

/** A name fit for a folder: what is left of `text` without characters that paths or shells read otherwise. */
export const folderName = (text: string): string =>
  text
    .replaceAll(/[^\w.-]+/g, '_')
    .replaceAll(/^[._]+|_+$/g, '')
    .slice(0, 60) || 'target';

/** "1 input", "2 inputs". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
