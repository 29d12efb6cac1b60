import type { Axes } from '../closed-form/axes.js';
import type { Field } from '../closed-form/field.js';
import { type FirstLayer, findFirstLayers, incomingWith } from '../closed-form/first-layer.js';
import { queriesBeforeTold } from '../closed-form/hessians.js';
import { type Bending, howItBends } from '../closed-form/look.js';
import { nameActivation } from '../closed-form/profile.js';
import { areSlopesTelling, findSlopesLayers, slopesBeforeTold } from '../closed-form/slopes-layer.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import type { Reached } from '../expand/search.js';
import { type ActivationName, activations } from '../network/activations.js';
import { triedActivations } from '../network/families.js';
import type { Search } from '../problem/problem.js';
import { fieldOf, mayAskAnywhere, measureAxes } from './closed-field.js';
import { searchBends } from './search-bends.js';
import { trainFrom } from './train-closed.js';

/** In so many dimensions and fewer, students are at the floor sooner than the Hessians are asked. */
const fewestDimensions = 12;

/** Activations whose students are started where the neurons' profiles do not name one clearly. */
const started = 2;

/**
 * What an activation leaves of the profiles must be smaller than what any other leaves by this much, as a logarithm, to
 * be worth a descent: with float32 answers six tries that ended at the floor were 9 to 17 apart, two that did not 2.5
 * and 2.8.
 */
const clearlyBetter = 4;

/** Below this, what is left of the profiles is worth a descent too: GELU and its tanh form are near each other. */
const explained = -15;

/**
 * So many queries of slopes or Hessians are asked before a look at the far field, which may tell more, and later. In many
 * dimensions that look takes more than slopes do: 450,000 queries of gelu 784-64-10, where slopes of 256 neurons in as many
 * dimensions take 19,000 to tell how many there are.
 */
const mostBlind = { least: 6000, perDimension: 80 };
const mostLater = 60_000;

/** The first layer in closed form: what costs little first, the rest later. */
export interface ClosedFormTrial {
  /** Students at the floor, or undefined where the target is none of these or its Hessians cost more. */
  first(): Promise<Reached | undefined>;
  /** The same where the first try left the Hessians out. */
  rest(): Promise<Reached | undefined>;
  /** Neurons read off their bends in few dimensions, where bends far out are those of straight neurons. */
  bends(): Promise<Reached | undefined>;
}

/** A target as the closed form sees it. */
interface Seen {
  readonly axes: Axes;
  readonly field: Field;
  readonly bending: Bending;
}

/**
 * The closed form for one hidden layer of smooth neurons, no more of them than dimensions in which the answers change:
 * its rows from second differences, its activation from the neurons' profiles, and a student of exactly that width that
 * starts from them. Where the target is straight but for bends, its neurons are read off those, however many there are.
 */
export function startClosedForm(search: Search): ClosedFormTrial {
  const { problem, attempt } = search;
  const { seed, activation } = attempt.settings;
  const candidates = candidatesFor(activation);
  const smooth = candidates.filter(({ trained, path }) => isSmooth(trained) && !path);
  const bent = candidates.find(({ trained, path }) => trained === 'relu' && !path);
  const isNone = smooth.length === 0 && bent === undefined;
  const areFew = problem.task.inputs <= fewestDimensions;
  const see = async (): Promise<Seen | undefined> => {
    const axes = mayAskAnywhere(problem.source) ? await measureAxes(problem, seed) : undefined;
    if (axes === undefined) return undefined;
    const field = fieldOf(problem, axes);
    return { axes, field, bending: await howItBends(field, seed) };
  };
  let left: Seen | undefined;
  return {
    async first() {
      const seen = isNone || areFew ? undefined : await see();
      if (seen === undefined) return undefined;
      const { axes, field, bending } = seen;
      if (bending.kind === 'straight' && bent !== undefined) return searchBends(bent, field, axes, search);
      if (bending.kind !== 'smoothly' || smooth.length === 0) return undefined;
      const beforeTold = areSlopesTelling(field) ? slopesBeforeTold(field) : queriesBeforeTold(field);
      const most = Math.max(mostBlind.least, mostBlind.perDimension * field.dimension);
      if (beforeTold <= most) return searchRows(smooth, { axes, field, bending }, search, most);
      left = seen;
      return undefined;
    },
    async rest() {
      return left && searchRows(smooth, left, search, mostLater);
    },
    async bends() {
      const seen = bent === undefined || !areFew ? undefined : await see();
      if (bent === undefined || seen?.bending.kind !== 'straight') return undefined;
      return searchBends(bent, seen.field, seen.axes, search);
    },
  };
}

/** Rows from slopes or Hessians, the activation from profiles, and a student that starts from there. */
async function searchRows(
  smooth: readonly Candidate[],
  { field, axes, bending }: Seen,
  search: Search,
  most: number,
): Promise<Reached | undefined> {
  const { seed } = search.attempt.settings;
  const layers = areSlopesTelling(field)
    ? findSlopesLayers(field, seed, most, bending)
    : findFirstLayers(field, seed, bending);
  for await (const layer of layers) {
    const named = nameActivation(layer.profiles, everySmooth);
    const isClear = named[0].misfit < named[1].misfit - clearlyBetter;
    if (!isClear && named[0].misfit > explained && !layer.isLast) continue;
    for (const { activation } of named.slice(0, isClear ? 1 : started)) {
      const candidate = smooth.find(({ trained }) => trained === activation);
      const reached =
        candidate && (await trainFrom(incomingWith(layer, activation), candidate, axes, search));
      if (reached !== undefined) return { ...reached, excluded: excludedBy(layer, activation) };
    }
  }
  return undefined;
}

/** Whether σ″ exists everywhere, as it does where σ′ bends by less and less within shorter steps. */
function isSmooth(name: ActivationName): boolean {
  const { derivative, kinks } = activations[name];
  const step = 1e-3;
  const bend = derivative(step, 0) + derivative(-step, 0) - 2 * derivative(0, 0);
  return kinks.length === 0 && Math.abs(bend) < step / 10;
}

const everySmooth = triedActivations.filter(isSmooth);

/**
 * What another activation leaves of the profiles must be larger by this much, as a logarithm, to be excluded: a thousand
 * times.
 */
const farWorse = Math.log(1000);

/**
 * Activations that the neurons of a layer do not have. A network with as many neurons as dimensions has its rows from
 * its Hessians alone, whatever its activation, so that another one would have to explain the same profiles.
 */
function excludedBy({ profiles }: FirstLayer, activation: ActivationName): ActivationName[] {
  const named = nameActivation(profiles, triedActivations);
  const own = named.find((one) => one.activation === activation)!;
  return named.filter(({ misfit }) => misfit > own.misfit + farWorse).map((one) => one.activation);
}
