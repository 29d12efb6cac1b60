import { InputError } from '../base/errors.js';
import { type Head, type HeadName, headNames, plainHead } from './head.js';

/** A head as text for metadata: its name, and the limits of tanh and clip with commas between outputs. */
export function describeHead({ name, lower, upper }: Head): Record<string, string> {
  const hasLimits = name === 'tanh' || name === 'clip';
  return { head: name, ...(hasLimits && { head_lower: lower.join(','), head_upper: upper.join(',') }) };
}

/** The head that metadata name for a network of o outputs; undefined where they name none. Throws `InputError`. */
export function headOf(metadata: Readonly<Record<string, unknown>>, o: number): Head | undefined {
  if (metadata.head === undefined || metadata.head === 'linear') return undefined;
  const name = headNames.find((one): one is Exclude<HeadName, 'linear'> => one === metadata.head);
  if (name === undefined) {
    throw new InputError(
      `names the head '${String(metadata.head).slice(0, 40)}' in its metadata, expected one of ${headNames.join(', ')}`,
    );
  }
  if (name === 'softmax' || name === 'log-softmax' || name === 'sigmoid') return plainHead(name);
  const [lower, upper] = [metadata.head_lower, metadata.head_upper].map((text) =>
    Float64Array.from(typeof text === 'string' ? text.split(',') : [], Number),
  );
  if (lower.length !== o || upper.length !== o || !lower.every((limit, k) => limit < upper[k])) {
    throw new InputError(`has limits of its ${name} head in its metadata that are not ${o} ranges`);
  }
  return { name, lower, upper };
}
