/** The columns of a matrix (rows × width, row-major; the first `rows` rows of it), each on its own. */
export function columnsOf(matrix: Float64Array, rows: number, width: number): Float64Array[] {
  return Array.from({ length: width }, (_, j) => {
    const column = new Float64Array(rows);
    for (let i = 0; i < rows; i++) column[i] = matrix[i * width + j];
    return column;
  });
}
