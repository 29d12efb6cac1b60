import { constant, madd } from './lanes';

// sin and cos on two lanes, see vector-math.ts: to two units in the last place up to |x| = 8e5, and beyond to what a
// relative rounding of x changes. Polynomials from coefficients.py.

const ONE = memory.data<f64>([1.0]);
const HALF = memory.data<f64>([0.5]);
const TWO_OVER_PI = memory.data<f64>([0.63661977236758134308]);
/** Adding 1.5·2⁵² rounds to an integer, which then stands in the low bits of the significand. */
const ROUND = memory.data<f64>([6755399441055744.0]);
/** −π/2 in three parts of 33 bits, whose products with integers up to 2²⁰ are exact. */
const MINUS_HALF_PI = memory.data<f64>([
  -1.57079632673412561417, -6.07710050630396597660e-11, -2.0222662487111664558e-21,
]);
/** Beyond, a double does not tell where in a period it lies to better than 1e-7: taken for 0. */
const FAR = memory.data<f64>([1e9]);
const ONE_BIT = memory.data<i64>([1]);
const TWO_BIT = memory.data<i64>([2]);

/** sin r = r + r·z·q(z), z = r², |r| ≤ π/4. */
const SIN = memory.data<f64>([
  -0.16666666666666664617, 0.0083333333333309425256, -0.00019841269836749559957, 2.7557316097877750214e-6, -2.5051130870968296105e-8, 1.5918059136982810203e-10,
]);

/** cos r = 1 − z/2 + z²·q(z). */
const COS = memory.data<f64>([
  0.041666666666666665385, -0.0013888888888887393508, 0.00002480158729876004877, -2.7557317268805393221e-7, 2.0876145659059342546e-9, -1.1382588535352521469e-11,
]);

/** A polynomial of degree 5 from a table. */
@inline
function polynomial5(table: usize, x: v128): v128 {
  const xx = f64x2.mul(x, x);
  let even = madd(constant(table, 4), xx, constant(table, 2));
  let odd = madd(constant(table, 5), xx, constant(table, 3));
  even = madd(even, xx, constant(table, 0));
  odd = madd(odd, xx, constant(table, 1));
  return madd(odd, x, even);
}

/** sin(x); writes cos(x) to `to`. */
@inline
export function sinAndCos(x: v128, to: usize): v128 {
  // a NaN fails the comparison and stays
  const argument = v128.andnot(x, f64x2.gt(f64x2.abs(x), constant(FAR)));
  const turns = f64x2.add(f64x2.mul(argument, constant(TWO_OVER_PI)), constant(ROUND));
  const n = f64x2.sub(turns, constant(ROUND));
  let r = madd(n, constant(MINUS_HALF_PI), argument);
  r = madd(n, constant(MINUS_HALF_PI, 1), r);
  r = madd(n, constant(MINUS_HALF_PI, 2), r);
  const z = f64x2.mul(r, r);
  const s = madd(f64x2.mul(r, z), polynomial5(SIN, z), r);
  const half = f64x2.mul(z, constant(HALF));
  const c = madd(f64x2.mul(z, z), polynomial5(COS, z), f64x2.sub(constant(ONE), half));
  // an odd quarter turn exchanges the two, two quarters turn the sign
  const isOdd = i64x2.shr_s(i64x2.shl(turns, 63), 63);
  const sinSign = i64x2.shl(v128.and(turns, constant(TWO_BIT)), 62);
  const cosSign = i64x2.shl(v128.and(i64x2.add(turns, constant(ONE_BIT)), constant(TWO_BIT)), 62);
  v128.store(to, v128.xor(v128.bitselect(s, c, isOdd), cosSign));
  return v128.xor(v128.bitselect(c, s, isOdd), sinSign);
}
