import type { JobProgress } from '../execute/web-workers.js';
import { deepBlocks } from '../network/deep.js';
import { extraColumns } from '../network/shallow.js';
import type { FitShape } from '../optimise/fit.js';
import type { Sight } from './protocol.js';

/** Most points of a curve that is drawn. */
const mostPoints = 200;

/** A student as the page draws it. */
export function sightOf({ job, shape, iterations, loss, parameters, lossCurve }: JobProgress): Sight {
  const curve = lossCurve && thin(lossCurve);
  const incoming = parameters.slice(0, firstWidth(shape, parameters.length) * (shape.inputs + 1));
  return { job, iterations, loss, incoming, inputs: shape.inputs, ...(curve && { curve }) };
}

/** Neurons of the first hidden layer; of a student that is growing, so many as its parameters have room for. */
export function firstWidth(shape: FitShape, length: number): number {
  if ('widths' in shape) return deepBlocks(shape)[0].rows;
  const { inputs, outputs } = shape;
  return Math.round((length - outputs * extraColumns(shape)) / (inputs + 1 + outputs));
}

function thin(curve: Float64Array): Float64Array {
  if (curve.length <= mostPoints) return curve;
  const step = (curve.length - 1) / (mostPoints - 1);
  return Float64Array.from({ length: mostPoints }, (_, i) => curve[Math.round(i * step)]);
}
