import { InputError } from './errors.js';

/** Returns `value` when it is an integer in [`least`, `most`]; throws `InputError` naming `what` otherwise. */
export function checkInteger(
  what: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InputError(`${what} must be an integer ${range}, got ${String(value)}`);
  }
  return value;
}

/** Index of the first element that is NaN or infinite, or -1. */
export function firstNonFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}
