/** +1 or −1. */
export type Sign = 1 | -1;

/** All choices of `count` signs, one after another. */
export function* allSigns(count: number): Generator<Sign[]> {
  for (let bits = 0; bits < 2 ** count; bits++) {
    yield Array.from({ length: count }, (_, i) => ((bits >> i) & 1 ? -1 : 1));
  }
}

/** A matrix (one row a sign, row-major) with its rows turned by signs. */
export function turnRows(matrix: Float64Array, signs: readonly Sign[]): Float64Array {
  const size = matrix.length / signs.length;
  return matrix.map((value, i) => value * signs[Math.floor(i / size)]);
}
