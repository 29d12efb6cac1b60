/**
 * JSON text from which `parseExact` gives back the same record, every number to the bit: typed arrays are
 * written as `{"float64": […]}`, NaN and the infinities as their names in quotes inside of it. Throws
 * `TypeError` for what is no plain data.
 */
export function formatExact(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? digits(value) : `{"float64": ${digits(value)}}`;
  if (value instanceof Float64Array) return `{"float64": [${Array.from(value, digits).join(', ')}]}`;
  if (Array.isArray(value)) return `[${value.map(formatExact).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}: ${formatExact(entry)}`).join(', ')}}`;
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`);
}

/** The record that `formatExact` wrote. Throws `SyntaxError` when the text is no JSON. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('float64' in value)) return value;
    return Array.isArray(value.float64) ? Float64Array.from(value.float64, Number) : Number(value.float64);
  });
}

// JSON has no word for what is not finite, and JSON.stringify writes -0 as 0
const digits = (value: number): string =>
  Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : `"${value}"`;
