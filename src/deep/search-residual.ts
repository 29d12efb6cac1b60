import { candidatesFor } from '../expand/candidates.js';
import { type ActivationName, activations } from '../network/activations.js';
import { deepBlocks } from '../network/deep.js';
import { isBounded, isTriedFirst } from '../network/families.js';
import { tieLayer } from '../network/residual.js';
import { lossOf } from '../polish/loss.js';
import { descendWith, type PolishedDeep, polishDeep, untilMinimum } from '../polish/polish-deep.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { lastPairs } from '../records.js';
import { lead, type Raced, type ResidualRace, raceOf } from './race-residual.js';
import { lose, type RaceFind, takeIn } from './race-students.js';

/**
 * Waves of students, in turn. Of tanh 6-6 neurons of 8 inputs in float64, the second layer residual, one of three
 * students of 10-10 came to the floor within 200 iterations and 0.7 s, and the others to 6e-12 and 1e-9.
 */
const waves: readonly { readonly widths: readonly number[]; readonly spread: number }[] = [
  { widths: [10, 10], spread: 1.5 },
  { widths: [10, 10, 10], spread: 1 },
  { widths: [16, 16], spread: 1.5 },
  { widths: [14, 14, 14], spread: 1 },
];

/** Their number, as the agenda states it. */
export const residualWaves = waves.length;

/** Without its paths a network leaves so many times the floor, or they are none. */
const worthAPath = 10;

/** How residual layers are searched. */
export interface ResidualPlan {
  /** The activation that the target is known to have, if it is. */
  readonly shown?: ActivationName | undefined;
  /** With paths students go on where they leave this share of what others do. */
  readonly toGoOn?: number;
  /** Where an earlier search ended, to go on. */
  readonly from?: ResidualRace | undefined;
  /**
   * One wave, of which the best student alone loses neurons, without patient descents: of a target without paths they
   * lead to nothing and take long (gelu 9-6 neurons, trained, in float32: 240 s for all waves).
   */
  readonly isBrief?: boolean;
}

/**
 * Looks for residual layers, h + σ(W·h + b) (method.md §7): students of which every layer sees all earlier hidden ones
 * race against those that see the last alone, and where they lead far, descend to the floor and lose the neurons that
 * they have too many. Where what is left does as well without its paths, it is a network without them. Without a network
 * it says where to go on, if wider students may do better.
 */
export async function searchResidual(
  context: Search,
  { shown, toGoOn = lead.toGoOn, from, isBrief = false }: ResidualPlan,
): Promise<{ readonly find?: RaceFind; readonly next?: ResidualRace }> {
  const { problem, attempt } = context;
  const { depth } = attempt.settings;
  let race = from ?? { wave: 0, hypotheses: hypothesesFor(context, shown), plain: Number.POSITIVE_INFINITY };
  for (let left = isBrief ? 1 : waves.length; left > 0 && race.wave < waves.length; ) {
    const { widths, spread } = waves[race.wave];
    const next = race.wave + 1;
    if (depth !== 'auto' && depth !== widths.length) {
      race = { ...race, wave: next };
      continue;
    }
    left -= 1;
    const own = widths.map((width) => Math.max(width, Math.ceil((width * problem.task.inputs) / 8)));
    const raced = await raceOf(race, { widths: own, spread, place: race.wave, toGoOn }, context);
    if (raced === undefined) return {};
    const network = await settledOf(raced, { spread, isBrief }, context);
    if (network !== undefined) return { find: { network, widths: own, spread } };
    if (!(raced.best <= lead.toWiden * raced.plain)) return {};
    race = { wave: next, hypotheses: raced.leaders, plain: raced.plain };
  }
  return race.wave < waves.length ? { next: race } : {};
}

/**
 * The activations that may be, but ReLU: its students stall between bends with paths and without, so that neither lead
 * (4-4 residual ones and 6-5 plain ones in float32: 3e-2 and 2e-2 of what those without left).
 */
function hypothesesFor({ attempt, grows }: Search, shown: ActivationName | undefined): ActivationName[] {
  const all = candidatesFor(attempt.settings.activation).map(({ trained }) => trained);
  const likely = all.length === 1 ? all : all.filter(isTriedFirst);
  return likely
    .filter((name) => !activations[name].homogeneous)
    .filter((name) => all.length === 1 || grows === undefined || grows !== isBounded(name))
    .filter((name) => shown === undefined || shown === name);
}

/** What is left of the students of a race, which is written down whatever it comes to, and also where it is stopped. */
async function settledOf(raced: Raced, plan: Settling, context: Search): Promise<PolishedDeep | undefined> {
  const { problem, attempt } = context;
  const { fitted, dataset } = raced;
  const { spread } = plan;
  let network: PolishedDeep | undefined;
  try {
    network = await smallestOf(raced, plan, context);
    return network;
  } finally {
    const limit = problem.task.tolerances.training;
    if (network === undefined) lose(fitted, spread, context);
    else takeIn({ fitted, spread, count: dataset.count, limit }, attempt.training);
  }
}

/** Fresh samples that a student at the floor must answer. */
const held = 300;

/** Students that are made small, best first, up to so many. */
const contracted = 3;

/** The spread of a race's queries, and whether its best student alone loses neurons, by brief descents. */
interface Settling {
  readonly spread: number;
  readonly isBrief: boolean;
}

/** What is left of the first student that comes down to the floor, if it answers fresh samples too. */
async function smallestOf(
  { nearest, dataset }: Raced,
  { spread, isBrief }: Settling,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  const { takeSamples, tolerances } = problem.task;
  const { fitter, kernels } = attempt.environment;
  const floor = tolerances.training;
  for (const student of nearest.slice(0, isBrief ? 1 : contracted)) {
    const small = await contract(student, dataset, { floor, fitter, kernels, isBrief });
    if (!(small.loss <= floor)) continue;
    const polished = await polishDeep(small, dataset, fitter);
    const fresh = lastPairs(await takeSamples(spread, dataset.count + held), held);
    if (lossOf(polished, fresh) > tolerances.validation) continue;
    const bare = withoutPaths(polished);
    const plain = await descendWith(untilMinimum(bare.shape), bare, dataset, fitter);
    if (plain.loss <= worthAPath * floor) return plain;
    return isMirrored(polished.shape.activation) ? tied(polished) : polished;
  }
  return undefined;
}

/** Beside a path an even + linear neuron is as good mirrored: it has the sign that a residual layer gives it. */
const isMirrored = (name: ActivationName) => activations[name].symmetry === 'even-linear';

/** The path of what descended is one of a residual layer to this share; how much nearer it has to be the ending knows. */
const tiedWithin = 1e-2;

function tied(network: PolishedDeep): PolishedDeep | undefined {
  const found = tieLayer(network, tiedWithin);
  return found && { ...found.network, loss: network.loss };
}

/** The network without what passes its layers. */
function withoutPaths({ shape, parameters }: PolishedDeep) {
  const rows = deepBlocks(shape).flatMap(({ at, rows: count, columns }, layer) =>
    Array.from({ length: count }, (_, j) => {
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      const own = layer === 0 ? shape.inputs : shape.widths[layer - 1];
      return [...row.subarray(0, own), row[columns - 1]];
    }),
  );
  const { residual: _, ...rest } = shape;
  return { shape: { ...rest, skip: false }, parameters: Float64Array.from(rows.flat()) };
}
