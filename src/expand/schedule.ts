import type { Start } from '../records.js';
import type { Wave } from './expand.js';
import { isWide } from './wide.js';

const letters: Record<string, Start> = { r: 'random', g: 'grown', c: 'continued' };
const starts = (word: string): Start[] => [...word].map((letter) => letters[letter]);

/**
 * The waves in order (docs/experiments.md): widths double, because a student that is too narrow fails fast
 * and one that is too wide is slow. When no width reaches the floor, the spread of the inputs changes: what
 * one cloud hides another shows, and no single spread suits every target. A wave has four students whatever
 * the number of threads.
 */
export const defaultSchedule: readonly Wave[] = [
  { width: 4, spread: 2, starts: starts('rgrg') },
  { width: 8, spread: 2, starts: starts('rgrg') },
  { width: 16, spread: 2, starts: starts('rgrg') },
  { width: 16, spread: 4, starts: starts('rgcc') },
  { width: 16, spread: 8, starts: starts('ggcc') },
  { width: 16, spread: 2, starts: starts('rgcc') },
  { width: 32, spread: 2, starts: starts('rrrg') },
  { width: 16, spread: 4, starts: starts('ggcc') },
  { width: 16, spread: 8, starts: starts('ggcc') },
  { width: 16, spread: 1, starts: starts('rgcc') },
  { width: 32, spread: 2, starts: starts('rrcc') },
  { width: 24, spread: 4, starts: starts('rgcc') },
  { width: 24, spread: 8, starts: starts('ggcc') },
  { width: 64, spread: 2, starts: starts('rrrg') },
];

/** Ranks up to this one keep the widths of the default schedule. */
const smallRank = 8;

/** Widths as multiples of the rank, and spreads: half as many neurons again as dimensions suffice for most. */
const wideWaves = [
  { factor: 1.5, spread: 1 },
  { factor: 2, spread: 0.7 },
  { factor: 1.5, spread: 2 },
  { factor: 2, spread: 1 },
  { factor: 2.5, spread: 0.7 },
  { factor: 3, spread: 1 },
  { factor: 3, spread: 2 },
];

/** Widths where the rank is not known: students of 8 cost a fraction of those of 24, and often suffice. */
const wideWidths = [8, 24, 48, 96];

/**
 * The schedule for students of so many inputs. A target whose answers change in `rank` dimensions of its input
 * has at least so many neurons, because each adds one dimension at most, so narrower waves are left out and
 * wide targets get wider ones.
 */
export function scheduleFor(inputs: number, rank: number | undefined): Wave[] {
  if (isWide(inputs)) {
    if (rank === undefined) {
      return wideWidths.map((width) => ({ width, spread: 1, starts: starts('rr') }));
    }
    return wideWaves.map(({ factor, spread }) => ({
      width: Math.ceil(factor * rank),
      spread,
      starts: starts('rr'),
    }));
  }
  const factor = Math.max(1, (rank ?? 1) / smallRank);
  return defaultSchedule
    .map((wave) => ({ ...wave, width: wave.width > 4 ? Math.ceil(wave.width * factor) : wave.width }))
    .filter((wave) => wave.width >= (rank ?? 1));
}

/**
 * The waves behind a known layer of `dimension` numbers, where nothing tells the width beforehand and the layer
 * after may be the last one or not: fewer, as the next layer is looked for when they fail.
 */
export function peelSchedule(dimension: number): Wave[] {
  const factor = Math.max(1, dimension / 12);
  return peelWaves.map((wave) => ({
    ...wave,
    width: Math.ceil(wave.width * factor),
    starts: dimension > mostGrownBehind ? wave.starts.map((): Start => 'random') : wave.starts,
  }));
}

/** Behind a layer of more than this many numbers, growing is slower than it is worth. */
const mostGrownBehind = 24;

/**
 * Twice as wide clouds as in the default schedule: of 8 targets of g with two layers, spreads of 2 first brought 3 to
 * the floor after 20 s each, spreads of 4 first 6 in 1 to 5 s.
 */
const peelWaves: readonly Wave[] = [
  { width: 6, spread: 4, starts: starts('rgrg') },
  { width: 10, spread: 4, starts: starts('rgrg') },
  { width: 16, spread: 8, starts: starts('ggcc') },
  { width: 16, spread: 4, starts: starts('ggcc') },
  { width: 16, spread: 2, starts: starts('ggcc') },
  { width: 16, spread: 1, starts: starts('ggcc') },
  { width: 24, spread: 4, starts: starts('rgcc') },
  { width: 16, spread: 4, starts: starts('ggcc') },
];

/** The students that try another activation at the width `hidden` that sufficed for one. */
export function rivalWave(hidden: number, spread: number): Wave {
  return { width: hidden, spread, starts: starts('ggrr') };
}
