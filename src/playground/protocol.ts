import type { Network } from '../network/network.js';
import type { Dataset } from '../records.js';
import type { Phase, Recovery } from '../recovery.js';
import type { PlaygroundSettings } from './settings.js';

/** What the engine is to recover: a file as it is, or a network that was drawn. */
export type Source =
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'network'; readonly name: string; readonly network: Network };

/** What the page tells the engine. */
export type ToEngine =
  | {
      readonly kind: 'start';
      readonly source: Source;
      readonly settings: PlaygroundSettings;
      readonly threads: number;
    }
  | { readonly kind: 'pause' }
  | { readonly kind: 'go on' }
  | { readonly kind: 'step' };

/** A student as far as it is drawn: its loss, and the neurons of its first hidden layer. */
export interface Sight {
  readonly job: number;
  readonly iterations: number;
  readonly loss: number;
  /** Incoming vectors of the first hidden layer, m × (inputs + 1), in the coordinates that students see. */
  readonly incoming: Float64Array;
  readonly inputs: number;
  /** The whole curve, thinned, once the student is trained. */
  readonly curve?: Float64Array;
}

/** The tree of the students' neurons, joined by average linkage, as it is drawn. */
export interface TreeSight {
  /**
   * Six numbers a merge: place and height of both branches, the height where they join, and what it is: 0 in a cluster
   * that is kept, 1 in another, 2 above the cut.
   */
  readonly merges: Float64Array;
  /** Places along the bottom. */
  readonly columns: number;
  readonly leaves: number;
  readonly students: number;
  readonly cut: number;
  readonly kept: number;
  readonly dropped: number;
  readonly isAngle: boolean;
  /** Whether it is that of the recovery; otherwise the cut lies in the widest gap so far. */
  readonly isFinal: boolean;
}

/** The target's first output over a square: side × side values from the lower left, for the eye alone. */
export interface PlanePicture {
  readonly side: number;
  readonly extent: number;
  readonly values: Float64Array;
}

/** What the engine tells the page. */
export type FromEngine =
  | {
      readonly kind: 'opened';
      readonly description: string;
      readonly inputs: number;
      readonly outputs: number;
      /** Number of given pairs; null where the target can be asked. */
      readonly pairs: number | null;
      /** Students see (x − shift) / scale. */
      readonly frame: { readonly shifts: Float64Array; readonly scales: Float64Array } | null;
      readonly picture: PlanePicture | null;
    }
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'wave'; readonly width: string; readonly students: number }
  | { readonly kind: 'layer'; readonly layer: number; readonly neurons: number }
  | { readonly kind: 'sight'; readonly sight: Sight }
  | { readonly kind: 'tree'; readonly tree: TreeSight }
  | { readonly kind: 'student'; readonly loss: number; readonly atFloor: boolean }
  | { readonly kind: 'queries'; readonly queries: number }
  | { readonly kind: 'done'; readonly recovery: Recovery; readonly seconds: number }
  | { readonly kind: 'failed'; readonly message: string; readonly isInput: boolean };

/** What the page asks of the worker that makes files and figures. */
export type ToResults =
  | {
      readonly kind: 'finish';
      readonly name: string;
      readonly description: string;
      readonly recovery: Recovery;
      readonly seconds: number;
      readonly threads: number;
    }
  /** The truth, which only this worker sees, and only when the user asks. */
  | { readonly kind: 'compare'; readonly source: Source; readonly found: Network };

/** A file for download. */
export interface MadeFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array | string;
}

/** A figure: an SVG file, and its words for those who cannot see it. */
export interface MadeFigure {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly svg: string;
}

/** A neuron of the truth beside its counterpart. */
export interface Beside {
  readonly layer: number;
  readonly truth: number | null;
  readonly found: number | null;
  readonly error: number | null;
}

/** What that worker answers. */
export type FromResults =
  | { readonly kind: 'files'; readonly files: readonly MadeFile[]; readonly figures: readonly MadeFigure[] }
  | {
      readonly kind: 'compared';
      readonly truth: Network;
      readonly beside: readonly Beside[];
      readonly weightError: number | null;
      readonly functionError: number;
      /** The errors of its neurons, and the network itself. */
      readonly figures: readonly MadeFigure[];
    }
  | { readonly kind: 'failed'; readonly message: string };

/** Given pairs, or a target that can be asked, with its words. */
export type OpenedSource = {
  readonly description: string;
  readonly inputs: number;
  readonly outputs: number;
} & (
  | { readonly kind: 'target'; readonly ask: (inputs: Float64Array, count: number) => Float64Array }
  | { readonly kind: 'pairs'; readonly pairs: Dataset }
);
