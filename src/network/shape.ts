import { type DeepShape, deepParameterCount } from './deep.js';
import { type ShallowShape, shallowParameterCount } from './shallow.js';

/** Hidden widths of a network of any depth, first layer first. */
export const widthsOf = (shape: ShallowShape | DeepShape): readonly number[] =>
  'widths' in shape ? shape.widths : [shape.hidden];

/** Number of parameters of a network of any depth. */
export const parameterCountOf = (shape: ShallowShape | DeepShape): number =>
  'widths' in shape ? deepParameterCount(shape) : shallowParameterCount(shape);
