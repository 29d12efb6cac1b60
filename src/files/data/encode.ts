import { zipSync } from 'fflate';
import type { Dataset } from '../../records.js';

/**
 * A matrix of rows × columns as an NPY file: of float32 where that holds every number exactly and `mayBeSingle`, of
 * float64 otherwise.
 */
export function encodeNpy(
  data: Float64Array,
  rows: number,
  columns: number,
  mayBeSingle = false,
): Uint8Array {
  const isSingle = mayBeSingle && data.every((value) => Math.fround(value) === value);
  const size = isSingle ? 4 : 8;
  const literal = `{'descr': '<f${size}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((10 + literal.length + 1) / 64) * 64;
  const file = new Uint8Array(length + size * data.length);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  const view = new DataView(file.buffer);
  view.setUint16(8, length - 10, true);
  file.set(new TextEncoder().encode(`${literal.padEnd(length - 11)}\n`), 10);
  data.forEach((value, i) => {
    if (isSingle) view.setFloat32(length + 4 * i, value, true);
    else view.setFloat64(length + 8 * i, value, true);
  });
  return file;
}

/** Pairs as an NPZ file with the arrays `inputs` and `outputs`, not compressed; float32 as in `encodeNpy`. */
export function encodeNpz(
  { inputs, outputs, count, inputDimension, outputDimension }: Dataset,
  mayBeSingle = false,
): Uint8Array {
  return zipSync(
    {
      'inputs.npy': encodeNpy(inputs, count, inputDimension, mayBeSingle),
      'outputs.npy': encodeNpy(outputs, count, outputDimension, mayBeSingle),
    },
    { level: 0 },
  );
}

/** Pairs as CSV with a header: x0, x1, … and y0, y1, … */
export function encodeCsv({
  inputs,
  outputs,
  count,
  inputDimension: d,
  outputDimension: o,
}: Dataset): string {
  const names = (letter: string, length: number) => Array.from({ length }, (_, i) => `${letter}${i}`);
  const lines = [[...names('x', d), ...names('y', o)].join(',')];
  for (let n = 0; n < count; n++) {
    lines.push([...inputs.subarray(n * d, (n + 1) * d), ...outputs.subarray(n * o, (n + 1) * o)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
