import type { SeenLayers } from '../deep/search-surfaces.js';
import type { DeepWave } from '../expand/deep-students.js';
import type { Search } from '../problem/problem.js';
import { readFirst } from './around-first.js';
import { type Contracted, contractAll, contractWave } from './contract-wave.js';
import { heat } from './heats.js';
import { contractNarrow } from './narrow-first.js';
import { type Lane, raceLanes, trainHeat, trainRest } from './race-lanes.js';
import { type AroundSearch, firstFrom, startAround } from './search-around.js';

/**
 * The waves in order; students are trained in pairs, as the first pair often suffices. Unmeasured but for the first: of
 * 18 targets with two hidden layers of 4 to 8 neurons (deep suite, float32) 12 were recovered from students of 14-14.
 */
const schedule: readonly DeepWave[] = [
  { widths: [14, 14], spread: 1.5, students: 4 },
  { widths: [14, 14], spread: 1, students: 4 },
  { widths: [12, 12, 12], spread: 1, from: 0.5, students: 8 },
  { widths: [20, 20], spread: 1.5, students: 4 },
  { widths: [14, 14, 14], spread: 1, from: 0.5, students: 4 },
  { widths: [16, 14, 14], spread: 0.7, from: 0.35, students: 4 },
  { widths: [24, 24], spread: 1, students: 4 },
];

/** So many waves make the first part of the search. */
const firstWaves = 3;

/** Waves of the first part and of both, as the agenda states them. */
export const contractionWaves = { first: firstWaves, all: schedule.length };

/**
 * After the first wave only hypotheses whose best student left less than this share of the variance go on: ReLU students
 * leave 9e-3.
 */
const hopeless = 1e-2;

/** A search for contracted students in parts. */
export interface Contraction {
  /** Students around a first layer that the far field showed, for one layer more: before the others, if at all. */
  around(seen: SeenLayers): Promise<Contracted | undefined>;
  /** Students around the layers that the bends of rounded answers show, where they show any. */
  near(): Promise<Contracted | undefined>;
  /** Students on narrow queries first, where a head hides the far field of what grows. */
  narrow(): Promise<Contracted | undefined>;
  /** The first waves, which most targets of two hidden layers need; once, as later calls find nothing. */
  first(): Promise<Contracted | undefined>;
  /** The waves after those. */
  rest(): Promise<Contracted | undefined>;
}

/**
 * Expand, then contract: students wider than the target in every layer, of which those that come near the floor lose
 * one neuron after another while the loss does not rise (method.md §7). Needs nothing of the target but samples of
 * ordinary size, whatever the accuracy of its answers. Undefined where no student comes down to the floor.
 */
export function startContraction(context: Search): Contraction {
  const { depth } = context.attempt.settings;
  const waves = schedule.filter(({ widths }) => depth === 'auto' || widths.length === depth);
  let lanes: readonly Lane[] | undefined;
  let around: AroundSearch | undefined;
  const near = async () => {
    around ??= startAround(await readFirst(context), context);
    return around.all();
  };
  const search = async (from: number, to: number) => {
    if (lanes === undefined) {
      const found = await near();
      if (found !== undefined) return found;
      // bends far out show the activation
      lanes = await raceLanes(waves, around?.shown, context);
      const raced = await goOnInTurn(lanes, waves, context);
      if (raced !== undefined) return raced;
    }
    const ranks = [...new Set(lanes.map((lane) => lane.depth))];
    const rankOf = ({ widths }: DeepWave) => ranks.indexOf(widths.length);
    const order = [...waves.entries()]
      .filter(([index, wave]) => index >= from && index < to && rankOf(wave) >= 0)
      .sort(([, one], [, other]) => rankOf(one) - rankOf(other));
    for (const [index, wave] of order) {
      for (const lane of lanes.filter((own) => own.depth === wave.widths.length)) {
        if (index > 0 && lane.best > hopeless && lane.best < Number.POSITIVE_INFINITY) continue;
        // its first heat was the race
        const isBegun = lane.wave === index && lane.best < Number.POSITIVE_INFINITY;
        const left = { ...wave, students: wave.students - (isBegun ? heat.students : 0) };
        const found = await contractWave(
          left,
          heat.students,
          (part, label) => trainHeat(part, lane, `${index} ${label}`, context),
          context,
        );
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  let isBegun = false;
  const first = async () => {
    if (isBegun) return undefined;
    isBegun = true;
    return search(0, firstWaves);
  };
  return {
    around: async (seen) => {
      around ??= startAround(firstFrom(seen), context);
      return around.shallow();
    },
    near,
    narrow: () => contractNarrow(context),
    first,
    rest: () => search(firstWaves, waves.length),
  };
}

/** The smallest network at the floor that students of the race contract to, after the rest of their descent, lane by lane. */
async function goOnInTurn(
  lanes: readonly Lane[],
  waves: readonly DeepWave[],
  context: Search,
): Promise<Contracted | undefined> {
  for (const lane of lanes) {
    if (lane.raced === undefined) continue;
    const gone = await trainRest(waves[lane.wave], lane, lane.raced, context);
    lane.raced = undefined;
    const found = await contractAll(gone, waves[lane.wave], context);
    if (found !== undefined) return found;
  }
  return undefined;
}
