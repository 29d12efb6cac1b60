/** The median of numbers, the upper one of an even number of them; undefined of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
