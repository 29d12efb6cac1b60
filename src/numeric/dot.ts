/**
 * The inner product of the entries of `u` and `v` (same length) from index `from` on. Four partial sums: one would
 * wait for each addition to end before the next begins.
 */
export function dot(u: Float64Array, v: Float64Array, from = 0): number {
  const end = u.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = from;
  for (; i + 3 < end; i += 4) {
    s0 += u[i] * v[i];
    s1 += u[i + 1] * v[i + 1];
    s2 += u[i + 2] * v[i + 2];
    s3 += u[i + 3] * v[i + 3];
  }
  for (; i < end; i++) s0 += u[i] * v[i];
  return s0 + s1 + (s2 + s3);
}
