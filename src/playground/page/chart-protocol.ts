import type { ActivationName } from '../../network/activations.js';
import type { FromEngine, PlanePicture } from '../protocol.js';

/** The charts of a run. */
export type ChartName = 'losses' | 'hyperplanes' | 'directions' | 'tree';

/** The page's colours. */
export type Ink = Readonly<Record<'main' | 'contrast' | 'faint' | 'text' | 'line' | 'paper', string>>;

/** A first layer as it is drawn: m × (inputs + 1). */
export interface DrawnLayer {
  readonly incoming: Float64Array;
  readonly inputs: number;
}

/** What is drawn beside the students. */
export interface Backdrop {
  readonly activation: ActivationName | 'auto';
  readonly picture: PlanePicture | null;
  readonly frame: { readonly shifts: Float64Array; readonly scales: Float64Array } | null;
  /** In the target's coordinates with two inputs, else in the students'; null where there is none. */
  readonly found: DrawnLayer | null;
  readonly truth: DrawnLayer | null;
}

/** What the page tells the worker that draws. */
export type ToCharts =
  | { readonly kind: 'canvas'; readonly chart: ChartName; readonly canvas: OffscreenCanvas }
  /** In CSS pixels, and how many pixels of the screen each of them is. */
  | {
      readonly kind: 'size';
      readonly chart: ChartName;
      readonly width: number;
      readonly height: number;
      readonly ratio: number;
    }
  | { readonly kind: 'gone'; readonly chart: ChartName }
  | { readonly kind: 'ink'; readonly ink: Ink }
  | { readonly kind: 'backdrop'; readonly backdrop: Backdrop }
  /** A new run begins. */
  | { readonly kind: 'clear' }
  | Extract<FromEngine, { kind: 'sight' | 'tree' | 'student' }>;
