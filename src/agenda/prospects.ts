import { randomStream } from '../base/random.js';
import { type Contraction, startContraction } from '../contract/search-contract.js';
import { type LayerSearch, startDeep } from '../deep/search.js';
import { type MixedSearch, startMixed } from '../deep/search-mixed.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { wavesForAll } from '../expand/search.js';
import { isBounded, isTriedFirst } from '../network/families.js';
import { growsFarOut, wholeSpace } from '../probe/far-field.js';
import { type FirstLook, lookFar, lookFarRounded } from '../probe/first-look.js';
import { canProbe, scalarOf, showsBends } from '../problem/far-field.js';
import { type Attempt, type Problem, type Search, scheduleOf } from '../problem/problem.js';
import { fewBounded, fewInputs, wavesBesideDeep, wavesForKnown } from './efforts.js';
import type { Learnt } from './finding.js';
import { type ClosedFormTrial, startClosedForm } from './search-closed.js';

/** What may be found, as far as the options, the accuracy of the answers and a look at the far field tell. */
export interface Prospects {
  readonly search: Search;
  /** A look at the far field, where the activation is not told and may be seen there. */
  readonly look: FirstLook | undefined;
  /**
   * The hypotheses that the look leaves: those that are tried first, the others, and all in their order. Of 3,200 random
   * networks with one hidden layer, float64 and float32 alike, it left the target's out for two.
   */
  readonly likely: {
    readonly early: readonly Candidate[];
    readonly later: readonly Candidate[];
    readonly all: readonly Candidate[];
  };
  /** Whether the target may have one hidden layer, and whether deeper ones can be read off the far field. */
  readonly mayBeShallow: boolean;
  readonly mayBeDeep: boolean;
  /** So many waves of students with one hidden layer come before the far field is followed, so many at once, and so many after it. */
  readonly waves: { readonly first: number; readonly turn: number; readonly beside: number };
  readonly closedForm: ClosedFormTrial;
  readonly contraction: Contraction;
  readonly mixed: MixedSearch;
  readonly layers: LayerSearch;
}

/** Whether waves of students with one hidden layer are left before deeper ones. */
export const goesOn = ({ waves }: Prospects) => waves.turn < waves.first;

/** Whether several hidden layers are told, or were seen. */
export function isWantedDeep({ search }: Prospects, { isDeep }: Learnt): boolean {
  const { depth } = search.attempt.settings;
  return depth === 'auto' ? isDeep : depth > 1;
}

/** Whether only the first waves are trained: other hypotheses come before the rest. */
export const isBrief = ({ search }: Pick<Prospects, 'search'>): boolean =>
  search.attempt.environment.brief === true;

/** Whether the first waves of students with one hidden layer are trained: not after a short try, which has trained them. */
export const trainsFirstWaves = ({ mayBeShallow, search }: Prospects): boolean =>
  mayBeShallow && search.attempt.environment.again !== true;

/** Whether several hidden layers may be, and were not looked for with those of one. */
export const isUntried = ({ search, mayBeDeep, mayBeShallow }: Prospects) =>
  (mayBeDeep || !mayBeShallow) && search.attempt.settings.depth !== 1;

/** Before the whole schedule for one hidden layer: where the far field is followed, that comes first. */
export const isEarly = (prospects: Prospects) =>
  prospects.mayBeShallow && !prospects.mayBeDeep && goesOn(prospects);

/** Whether one hidden layer may still suffice where the far field was followed. */
export const mayStillBeShallow = ({ search, mayBeShallow, mayBeDeep, look }: Prospects, { isDeep }: Learnt) =>
  mayBeShallow && mayBeDeep && !isDeep && look?.isDeep !== true && !isBrief({ search });
/** So many waves of students with one hidden layer were trained by the end of the agenda. */
export const wavesSoFar = (prospects: Prospects, learnt: Learnt) =>
  mayStillBeShallow(prospects, learnt) ? prospects.waves.beside : prospects.waves.first;

/** What a problem promises before the far field is asked. */
export const prospectsBefore = (problem: Problem, attempt: Attempt): Prospects =>
  prospectsWith({ problem, attempt }, undefined, startClosedForm({ problem, attempt }));

/** What a problem promises; asks the far field where that may tell the activation. */
export async function prospectsOf({ search, closedForm }: Prospects): Promise<Prospects> {
  const { settings, environment } = search.attempt;
  const isWanted = settings.activation === 'auto' && !environment.schedule;
  return prospectsWith(search, isWanted ? await lookAtFarField(search) : undefined, closedForm);
}

function prospectsWith(
  { problem, attempt }: Search,
  look: FirstLook | undefined,
  closedForm: ClosedFormTrial,
): Prospects {
  const { depth, activation } = attempt.settings;
  const { inputs } = problem.task;
  const schedule = scheduleOf(problem, attempt);
  const grown = look?.grows ?? problem.source.grows;
  const search = { problem, attempt, ...(grown !== undefined && { grows: grown }) };
  const likely = likelyCandidates(candidatesFor(activation), look, grown);
  const { all } = likely;
  const mayBeDeep = depth !== 1 && canProbe(problem);
  const grows = grown ?? (activation === 'auto' || !isBounded(activation));
  const short = Math.max(all.length === 1 ? wavesForKnown : wavesForAll, wavesForFew(inputs, grows));
  const first = mayBeDeep || isBrief({ search }) ? short : schedule.length;
  return {
    search,
    look,
    likely,
    mayBeShallow: depth === 'auto' || depth === 1,
    mayBeDeep,
    waves: { first, turn: Math.min(first, wavesForAll), beside: Math.max(first, wavesBesideDeep) },
    closedForm,
    contraction: startContraction(search),
    mixed: startMixed(search),
    layers: startDeep(search),
  };
}

/** Waves that a target of so few inputs gets at least before deeper layers. */
function wavesForFew(inputs: number, grows: boolean): number {
  if (inputs <= fewInputs.most) return fewInputs.waves;
  return inputs <= fewBounded.most && !grows ? fewBounded.waves : 0;
}

/**
 * The hypotheses that a look at the far field leaves: one where bends show the activation for certain, else those of its
 * kind. What bends of rounded answers show is tried before the others, and may be wrong: GELU and its tanh form are one
 * to them. Rounding may hide bends, but not whether a target grows; what a head hides is but likely to grow, so that the
 * others come last.
 */
function likelyCandidates(
  candidates: readonly Candidate[],
  look: FirstLook | undefined,
  grows: boolean | undefined,
): Prospects['likely'] {
  if (look === undefined && grows !== undefined && candidates.length > 1) {
    const fit = likelyCandidates(candidates, { grows, activation: undefined }, grows);
    return { ...fit, all: [...fit.all, ...candidates.filter((one) => !fit.all.includes(one))] };
  }
  const certain = candidates.filter(({ trained }) => look?.activation === trained);
  const possible = candidates.filter(({ trained }) => look?.grows !== isBounded(trained));
  const all = certain.length > 0 ? certain : possible;
  const shown = all.filter(({ trained }) => trained === shownBy(look));
  const isEarly = (candidate: Candidate) =>
    shown.length > 0 ? shown.includes(candidate) : isTriedFirst(candidate.trained);
  const early = all.filter(isEarly);
  const later = all.filter((candidate) => !isEarly(candidate));
  return { early, later, all: shown.length > 0 ? [...early, ...later] : all };
}

/** The activation that bends far out show, for certain or, where answers are rounded, likely. */
export const shownBy = (look: FirstLook | undefined) => look?.activation ?? look?.likely;

/** A look at the far field, where there is one. */
async function lookAtFarField({ problem, attempt }: Search): Promise<FirstLook | undefined> {
  if (!problem.source.seesFar) return undefined;
  const scalar = scalarOf({ problem });
  const space = wholeSpace(scalar.dimension);
  const labels = [attempt.settings.seed, 'first look'];
  const { kernels } = attempt.environment;
  if (canProbe(problem)) return lookFar(scalar, space, labels, kernels);
  if (showsBends(problem)) return lookFarRounded(scalar, space, labels, kernels);
  return { grows: await growsFarOut(scalar, space, randomStream(...labels)), activation: undefined };
}

/** Whether bends far out are not the same all over their hyperplanes, as those of one hidden layer are. */
export async function bendsShowDepth(search: Search): Promise<boolean> {
  const scalar = scalarOf(search);
  const { settings, environment } = search.attempt;
  const labels = [settings.seed, 'bends of one layer or more'];
  const look = await lookFarRounded(scalar, wholeSpace(scalar.dimension), labels, environment.kernels);
  return look.isDeep === true;
}
