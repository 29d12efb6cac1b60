import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';

/** What is known of every unknown before anything is asked, as information. */
export const littleKnown = 1e-6;

/**
 * Which of many small sets of equations (o × m each) tell most of m unknowns: one after another those are taken that add
 * most to the determinant of the information Λ, and any may be taken again. With S the equations of a set, that adds
 * log det(I + S·Λ⁻¹·Sᵀ), so that for every set S·Λ⁻¹ is kept instead of a factor of Λ (m³) being made for each.
 */
export function mostTelling(sets: readonly Float64Array[], m: number, count: number): number[] {
  const o = sets[0].length / m;
  const known = sets.map((set) => set.map((value) => value / littleKnown));
  const taken: number[] = [];
  while (taken.length < count) {
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (const [c, set] of sets.entries()) {
      const factor = factorCholesky(withIdentity(timesTransposed(known[c], set, o, m), o), o);
      if (factor === undefined) continue;
      let logarithm = 0;
      for (let i = 0; i < o; i++) logarithm += Math.log(factor[i * o + i]);
      if (logarithm > most) [best, most] = [c, logarithm];
    }
    taken.push(best);
    learnFrom(sets, known, best, o, m);
  }
  return taken;
}

/** The information of a set is added: Λ⁻¹ loses U·(I + S·U)⁻¹·Uᵀ with U = Λ⁻¹·Sᵀ, and every S·Λ⁻¹ its part of it. */
function learnFrom(
  sets: readonly Float64Array[],
  known: readonly Float64Array[],
  best: number,
  o: number,
  m: number,
): void {
  const own = known[best].slice();
  const factor = factorCholesky(withIdentity(timesTransposed(own, sets[best], o, m), o), o);
  if (factor === undefined) return;
  for (const [c, set] of sets.entries()) {
    const shares = timesTransposed(set, own, o, m);
    for (let i = 0; i < o; i++) {
      const row = shares.subarray(i * o, (i + 1) * o);
      solveCholesky(factor, o, row);
      for (let l = 0; l < o; l++) {
        for (let j = 0; j < m; j++) known[c][i * m + j] -= row[l] * own[l * m + j];
      }
    }
  }
}

/** A·Bᵀ of two matrices of o rows of m numbers. */
function timesTransposed(a: Float64Array, b: Float64Array, o: number, m: number): Float64Array {
  const product = new Float64Array(o * o);
  for (let i = 0; i < o; i++) {
    for (let l = 0; l < o; l++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += a[i * m + j] * b[l * m + j];
      product[i * o + l] = sum;
    }
  }
  return product;
}

function withIdentity(matrix: Float64Array, o: number): Float64Array {
  for (let i = 0; i < o; i++) matrix[i * o + i] += 1;
  return matrix;
}
