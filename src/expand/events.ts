import type { DeepStudent, Student } from '../records.js';

/** What happens to students, for progress. */
export type StudentEvent =
  | {
      readonly kind: 'wave';
      /** Of the first hidden layer; `widths` has all where there are several. */
      readonly width: number;
      readonly widths?: readonly number[];
      readonly spread: number;
      readonly students: number;
    }
  | { readonly kind: 'student'; readonly student: Student | DeepStudent };

/** Neurons of a hidden layer are followed along their surfaces: how many are found. */
export interface TraceEvent {
  readonly kind: 'trace';
  /** The first is 1. */
  readonly layer: number;
  readonly neurons: number;
}
