/** Some rows of a row-major matrix of `width` columns, in the order in which they are named. */
export function takeRows(values: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const taken = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return taken;
}
