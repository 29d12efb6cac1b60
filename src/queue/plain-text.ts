/**
 * JSON text from which `parsePlain` gives back the same plain data, every number to the bit: arrays of float64 are
 * base64 of their bytes (little-endian), a third of their size as digits, and numbers that JSON has no word for are named.
 */
export function formatPlain(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (entry instanceof Float64Array) {
      return { float64s: Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('base64') };
    }
    if (typeof entry === 'number' && (!Number.isFinite(entry) || Object.is(entry, -0))) {
      return { float64: Object.is(entry, -0) ? '-0' : String(entry) };
    }
    return entry;
  });
}

/** The data of a text by `formatPlain`. Throws `SyntaxError` for another text. */
export function parsePlain(text: string): unknown {
  return JSON.parse(text, (_, entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return entry;
    if ('float64s' in entry && typeof entry.float64s === 'string') return decode(entry.float64s);
    if ('float64' in entry && typeof entry.float64 === 'string') return Number(entry.float64);
    return entry;
  });
}

function decode(base64: string): Float64Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 8 !== 0) throw new SyntaxError(`${bytes.length} bytes are no array of float64`);
  const values = new Float64Array(bytes.length / 8);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}
