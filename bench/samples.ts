/** Numbers in [−1, 1) by the formula that bench/peers/serve.py knows as well. */
export function spread(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    const number = 0.6180339887498949 * (index + 1) + 0.7548776662466927 * seed;
    return 2 * (number - Math.floor(number)) - 1;
  });
}

/** The vectors of bench/peers/linkage.py: count × dimension. */
export function scattered(count: number, dimension: number): Float64Array {
  return spread(count * dimension, 1).map((value, index) => value + Math.sin(index ** 2));
}
