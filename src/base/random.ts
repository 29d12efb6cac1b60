/** A stream of random numbers that depends on its seed alone. */
export interface RandomStream {
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Integer in [0, `bound`). */
  integer(bound: number): number;
}

/** Hashes labels (words and numbers) to 32 bits (FNV-1a over their text, finished by a murmur mix). */
function hashLabels(labels: readonly (string | number)[]): number {
  let h = 0x811c9dc5;
  for (const character of labels.join('\u0000')) {
    h = Math.imul(h ^ character.codePointAt(0)!, 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

let hears: ((labels: readonly (string | number)[]) => void) | undefined;

/** Lets a test hear of the name of every stream that is opened in this thread, or nobody. */
export function hearStreams(listener?: (labels: readonly (string | number)[]) => void): void {
  hears = listener;
}

/**
 * The random stream named by `labels`, e.g. `randomStream(seed, 'student', 3)`: streams with different labels
 * are independent, and the same labels give the same numbers whatever else was drawn before, in whatever
 * order and on however many threads. xoshiro128** (Blackman & Vigna 2018), seeded by SplitMix32.
 */
export function randomStream(...labels: readonly (string | number)[]): RandomStream {
  hears?.(labels);
  let seed = hashLabels(labels);
  const next32 = () => {
    seed = (seed + 0x9e3779b9) | 0;
    let z = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next32(), next32(), next32(), next32()];
  const bits = () => {
    const r = Math.imul(b, 5);
    const result = Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = () => (bits() * 0x200000 + (bits() >>> 11)) / 2 ** 53;
  let spare = Number.NaN;
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    // Marsaglia's polar method
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * factor;
        return u * factor;
      }
    }
  };
  return { uniform, normal, integer: (bound) => Math.floor(uniform() * bound) };
}
