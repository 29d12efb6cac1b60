import type { Dataset } from '../../records.js';

/** Inputs and outputs that were read from a file. */
export interface Table extends Dataset {
  /** Names of the columns, where the file has them. */
  readonly names?: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** What the classes are called when the output column holds text: its numbers are indices of this list. */
  readonly labels?: readonly string[];
}
