import type { Samples } from '../kernels/kernels.js';
import type { FitJob, FitShape, Fitted } from '../optimise/fit.js';

/** What a worker is told. */
export type ToWorker =
  | {
      /** Samples that jobs name by their number: they are sent to a worker once. */
      readonly kind: 'samples';
      readonly id: number;
      readonly samples: Samples;
    }
  /** Samples that no job will name again. */
  | { readonly kind: 'forget'; readonly id: number }
  | {
      readonly kind: 'fit';
      readonly samples: number;
      readonly job: Omit<FitJob<FitShape>, 'samples'>;
      /** Milliseconds between two words on how the training goes; 0 for none. */
      readonly every: number;
    }
  /** Rest before the next iteration, go on, or take a single one. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'go on' }
  | { readonly kind: 'step' };

/** What a worker tells. */
export type FromWorker =
  | {
      readonly kind: 'progress';
      readonly iterations: number;
      readonly loss: number;
      readonly parameters: Float64Array;
    }
  | { readonly kind: 'done'; readonly result: Fitted<FitShape> }
  /** The job itself threw: on another worker it would throw as well. */
  | { readonly kind: 'failed'; readonly message: string };

/** As much of a web worker as an executor needs. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault?(): void }) => void) | null;
}
