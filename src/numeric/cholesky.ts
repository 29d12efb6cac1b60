/**
 * The lower Cholesky factor of a symmetric positive definite matrix (n × n, row-major, lower triangle read),
 * or undefined when a pivot falls below `tolerance` times its diagonal element: the matrix is singular to
 * that precision.
 */
export function factorCholesky(matrix: Float64Array, n: number, tolerance = 0): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j) {
        if (!(sum > tolerance * matrix[i * n + i])) return undefined;
        l[i * n + i] = Math.sqrt(sum);
      } else l[i * n + j] = sum / l[j * n + j];
    }
  }
  return l;
}

/** Solves L·Lᵀ·x = b in place of b, given the factor L (n × n). */
export function solveCholesky(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= l[i * n + k] * b[k];
    b[i] = sum / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = (b[i] /= l[i * n + i]);
    for (let k = 0; k < i; k++) b[k] -= l[i * n + k] * value;
  }
}

/** The diagonal of (L·Lᵀ)⁻¹: squared norms of the columns of L⁻¹, by one forward substitution each. */
export function inverseDiagonal(l: Float64Array, n: number): Float64Array {
  const diagonal = new Float64Array(n);
  const x = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    x.fill(0, j);
    x[j] = 1 / l[j * n + j];
    let sum = x[j] * x[j];
    for (let i = j + 1; i < n; i++) {
      let value = 0;
      for (let k = j; k < i; k++) value -= l[i * n + k] * x[k];
      x[i] = value / l[i * n + i];
      sum += x[i] * x[i];
    }
    diagonal[j] = sum;
  }
  return diagonal;
}
