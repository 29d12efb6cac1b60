import type { Start } from '../records.js';
import type { Wave } from './expand.js';

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

/** Above this rank, growing is slower than it is worth: wide random starts reach the floor there. */
const largestGrownRank = 12;

/** Ranks up to this one keep the widths of the default schedule. */
const smallRank = 8;

/**
 * The schedule for a target whose answers change in `rank` dimensions of its input: it has at least so many
 * neurons, because each adds one dimension at most, so narrower waves are left out and wide targets get wider
 * ones.
 */
export function scheduleFor(rank: number): Wave[] {
  const factor = Math.max(1, rank / smallRank);
  return defaultSchedule
    .map((wave) => ({ ...wave, width: wave.width > 4 ? Math.ceil(wave.width * factor) : wave.width }))
    .filter((wave) => wave.width >= rank)
    .map((wave) => ({
      ...wave,
      starts: rank > largestGrownRank ? wave.starts.map((): Start => 'random') : wave.starts,
    }));
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
    starts: dimension > 2 * largestGrownRank ? wave.starts.map((): Start => 'random') : wave.starts,
  }));
}

const peelWaves: readonly Wave[] = [
  { width: 6, spread: 2, starts: starts('rgrg') },
  { width: 10, spread: 2, starts: starts('rgrg') },
  { width: 16, spread: 1, starts: starts('rgcc') },
  { width: 16, spread: 2, starts: starts('rgcc') },
  { width: 32, spread: 2, starts: starts('rrrg') },
  { width: 24, spread: 1, starts: starts('rgcc') },
];

/** The students that try another activation at the width `hidden` that sufficed for one. */
export function rivalWave(hidden: number, spread: number, rank: number): Wave {
  return { width: hidden, spread, starts: starts(rank > largestGrownRank ? 'rr' : 'ggrr') };
}
