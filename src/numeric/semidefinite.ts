/**
 * Replaces a semidefinite matrix (n × n, row-major, lower triangle) by its lower Cholesky factor, in place, with columns of
 * 0 for those that the ones before determine: of which no more than `tolerance` of the diagonal element is left. Returns
 * the others, in their order.
 */
export function factorSemidefinite(l: Float64Array, n: number, tolerance: number): number[] {
  const pivots: number[] = [];
  for (let j = 0; j < n; j++) {
    const whole = l[j * n + j];
    let left = whole;
    for (const k of pivots) left -= l[j * n + k] ** 2;
    const root = left > tolerance * whole ? Math.sqrt(left) : 0;
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j];
      if (root > 0) for (const k of pivots) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = root > 0 ? sum / root : 0;
    }
    if (root === 0) continue;
    l[j * n + j] = root;
    pivots.push(j);
  }
  return pivots;
}
