import type { RandomStream } from '../base/random.js';
import type { KnownLayer } from '../records.js';
import { type Cell, cellAt } from './cells.js';
import type { Scalar } from './far-field.js';
import type { Bend } from './kinks.js';

/**
 * A place on the surface along which an unknown neuron bends, within a cell of the known layers: there the surface is
 * a plane. Normals of all places of one surface have the same scale.
 */
export interface Place {
  readonly point: Float64Array;
  readonly normal: Float64Array;
  readonly cell: Cell;
  /** The gradient's jump across the surface, towards the normal's side, is this times the normal. */
  readonly gain: number;
}

/** A place as a line's bend shows it. */
export function placeOf(layers: readonly KnownLayer[], { kink, normal, slant, strength }: Bend): Place {
  return { point: kink.at, normal, cell: cellAt(layers, kink.at), gain: slant > 0 ? strength : -strength };
}

/** What tracing needs to know. */
export interface TraceContext {
  readonly scalar: Scalar;
  readonly layers: readonly KnownLayer[];
  /** Places farther out than this are not gone to. */
  readonly reach: number;
  readonly random: RandomStream;
}
