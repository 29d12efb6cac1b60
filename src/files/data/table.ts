import type { Dataset } from '../../records.js';

/** Inputs and outputs that were read from a file. */
export interface Table extends Dataset {
  /** Names of the columns, where the file has them. */
  readonly names?: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** What the classes are called when the output column holds text: its numbers are indices of this list. */
  readonly labels?: readonly string[];
}

/** The numbers of classes, which are their places in alphabetical order, and that order. */
export function numberClasses(classes: readonly string[]): Required<Pick<Table, 'outputs' | 'labels'>> {
  const labels = [...new Set(classes)].sort();
  const places = new Map(labels.map((label, index) => [label, index]));
  return { outputs: Float64Array.from(classes, (label) => places.get(label)!), labels };
}
