/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A record as JSON holds it: typed arrays become arrays, NaN and ±Infinity become null, what is undefined is
 * left out. Throws `TypeError` for a function, a symbol or a bigint: records hold plain data alone.
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value instanceof Float64Array || Array.isArray(value)) return Array.from(value, toJson);
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return Object.fromEntries(entries.map(([key, entry]) => [key, toJson(entry)]));
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`);
}

/** JSON text that people can read: two spaces of indent, lists of numbers or words on one line. */
export function formatJson(value: Json, indent = ''): string {
  if (value === null || typeof value !== 'object') return formatScalar(value);
  const isList = Array.isArray(value);
  const items: [string, Json][] = isList
    ? value.map((item: Json) => ['', item])
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item]);
  const [open, close] = isList ? '[]' : '{}';
  if (items.length === 0) return open + close;
  if (isList && items.every(([, item]) => item === null || typeof item !== 'object')) {
    return `[${items.map(([, item]) => formatScalar(item)).join(', ')}]`;
  }
  const inner = `${indent}  `;
  const lines = items.map(([key, item]) => `${inner}${key}${formatJson(item, inner)}`);
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

// JSON.stringify writes -0 as 0
const formatScalar = (value: Json): string => (Object.is(value, -0) ? '-0' : JSON.stringify(value));
