import { randomStream } from '../base/random.js';
import { farDistance, type Scalar, walk, wholeSpace } from './far-field.js';

/** Lines that are looked at for each distance. */
const lines = 3;

/** Bends that take up no more than this share of a line leave room for each other. */
const roomy = 0.25;

/** Bends that take up so much more of a line at a third of the distance have a width, and gain by going farther. */
const smooth = 1.1;

/**
 * The share at which the usual distance is just right. The narrowest gap between n bends on a line is a share 1/n² of
 * it, so that the distance grows with the square.
 */
const fitting = 0.1;

/** Rounding of the answers grows with the distance: so many times the usual one at most. */
const mostTimes = 100;

/**
 * How far out neurons are probed: where the bends of many smooth neurons run into each other, farther than usual,
 * because a bend keeps its width while the gaps between bends grow. Sharp bends gain nothing from that.
 */
export async function chooseDistance(scalar: Scalar, labels: readonly (string | number)[]): Promise<number> {
  const taken = await bendingShare(scalar, farDistance, labels);
  if (taken <= roomy) return farDistance;
  const nearer = await bendingShare(scalar, farDistance / 3, labels);
  if (nearer < smooth * taken) return farDistance;
  return farDistance * Math.min(mostTimes, (taken / fitting) ** 2);
}

/** The share of the samples of random lines that do not lie on a straight piece. */
async function bendingShare(
  scalar: Scalar,
  distance: number,
  labels: readonly (string | number)[],
): Promise<number> {
  const region = wholeSpace(scalar.dimension, distance);
  const random = randomStream(...labels);
  let [bending, samples] = [0, 0];
  for (let line = 0; line < lines; line++) {
    const { values, noise } = await walk(scalar, region, random);
    for (let i = 1; i < values.length - 1; i++) {
      if (Math.abs(values[i - 1] - 2 * values[i] + values[i + 1]) > 4 * noise) bending++;
      samples++;
    }
  }
  return bending / samples;
}
