import { randomStream } from '../base/random.js';
import type { Field } from './field.js';
import { drawPoint, hessianSpread, normalPoint } from './points.js';
import { stepFor } from './second-differences.js';

/** Lines that are looked at first, how much two differences along one of them may differ, and what is noise. */
const look = { lines: 12, agreement: 0.3, noise: 30 };

/** Of a target that is straight but for its bends at least this share of the lines is: the others meet a bend. */
const straightShare = 1 / 3;

/** How a target bends. */
export interface Bending {
  /** Everywhere, nowhere but at places of its own, or neither as far as its answers show. */
  readonly kind: 'smoothly' | 'straight' | 'unclear';
  /** What a step h along a direction of length 1 leaves of a central difference, in root mean square, over h². */
  readonly truncation: number;
}

/**
 * Whether second differences say anything: along a few lines they are no noise, and the same for a step twice as long.
 * Piecewise linear targets have none but at their kinks.
 */
export async function howItBends(field: Field, seed: number): Promise<Bending> {
  const { dimension: k, outputs: o, error } = field;
  const step = stepFor(error);
  const random = randomStream(seed, 'closed form', 'look');
  const multiples = [0, 1, -1, 2, -2];
  const points = new Float64Array(look.lines * multiples.length * k);
  for (let n = 0; n < look.lines; n++) {
    const point = drawPoint(field, random, hessianSpread);
    const direction = normalPoint(k, random, 1);
    multiples.forEach((multiple, i) => {
      for (let a = 0; a < k; a++) {
        points[(n * multiples.length + i) * k + a] =
          point[a] + (multiple * step * direction[a] * Math.SQRT2) / Math.sqrt(k);
      }
    });
  }
  const answers = await field.evaluate(points, look.lines * multiples.length);
  let [agreeing, straight] = [0, 0];
  const cubes: number[] = [];
  for (let n = 0; n < look.lines; n++) {
    let [difference, size, cubic] = [0, 0, 0];
    for (let i = 0; i < o; i++) {
      const at = (place: number) => answers[(n * multiples.length + place) * o + i];
      const near = at(1) + at(2) - 2 * at(0);
      const far = (at(3) + at(4) - 2 * at(0)) / 4;
      difference += (near - far) ** 2;
      size += near ** 2;
      cubic += ((at(3) - at(4)) / 2 - (at(1) - at(2))) ** 2;
    }
    // a head or bounds may hide answers
    if (Number.isFinite(cubic)) cubes.push(cubic);
    const isNoise = size <= o * (look.noise * error) ** 2;
    if (isNoise) straight++;
    else if (difference <= look.agreement ** 2 * size) agreeing++;
  }
  // of directions of length √2: h³·f‴ is what slopes over 2h and h differ by, times 2h
  const mean = cubes.reduce((sum, cubic) => sum + cubic, 0) / (Math.max(1, cubes.length) * o);
  const truncation = Math.sqrt(mean) / (6 * (Math.SQRT2 * step) ** 3);
  if (agreeing > look.lines / 2) return { kind: 'smoothly', truncation };
  return { kind: straight >= straightShare * look.lines ? 'straight' : 'unclear', truncation };
}
