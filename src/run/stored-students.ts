import { deepParameterCount } from '../network/deep.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import type { DeepStudent, Student } from '../records.js';
import type { StoredStudent } from './recovery-schema.js';

/** A stored student with one hidden layer as the record that it was; undefined where it is none. */
export function toShallowStudent(stored: StoredStudent): Student | undefined {
  const shape = stored.shape as unknown as ShallowShape;
  const isOneLayer = stored.shape.hidden !== undefined && stored.shape.widths === undefined;
  if (!isOneLayer || stored.parameters.length !== shallowParameterCount(shape)) return undefined;
  return { ...rest(stored), shape };
}

/** A stored student with several hidden layers as the record that it was; undefined where it is none. */
export function toDeepStudent(stored: StoredStudent): DeepStudent | undefined {
  const shape = stored.shape as unknown as DeepStudent['shape'];
  const isDeep = stored.shape.widths !== undefined && stored.shape.widths.length > 0;
  if (!isDeep || stored.parameters.length !== deepParameterCount(shape)) return undefined;
  return { ...rest(stored), shape };
}

function rest({ peeled, shape: _, ...stored }: StoredStudent): Omit<Student, 'shape'> {
  return {
    ...stored,
    start: stored.start as Student['start'],
    reason: stored.reason as Student['reason'],
    ...(peeled !== undefined && { peeled }),
  };
}
