import { assembledFromContracted } from '../contract/assembled-contracted.js';
import type { Contracted } from '../contract/contract-wave.js';
import { maySeeLimits, tendsToLimits } from '../deep/limits-along-rays.js';
import { assembledFromRace, type RaceFind } from '../deep/race-students.js';
import { searchNorm } from '../deep/search-norm.js';
import type { Candidate } from '../expand/candidates.js';
import { searchStudents } from '../expand/search.js';
import { activations } from '../network/activations.js';
import { isBounded } from '../network/families.js';
import { scheduleOf } from '../problem/problem.js';
import {
  type Finding,
  foundIfIdentified,
  type Learnt,
  leavesOnlyWeightsOpen,
  nothing,
  studentsOrNothing,
} from './finding.js';
import { firstLayersFinding, layersFinding } from './layers-finding.js';
import { bendsShowDepth, isBrief, type Prospects, shownBy } from './prospects.js';
import { growsAsOneMap, searchBesidePath } from './search-paths.js';

/** Whether neurons are straight but for their bends, as bends far out show, or as is told. */
export const areStraight = ({ search, mayBeShallow, look }: Prospects): boolean => {
  const { activation } = search.attempt.settings;
  const shown = activation === 'auto' ? (look?.activation ?? look?.likely) : activation;
  return mayBeShallow && shown !== undefined && activations[shown].homogeneous;
};

/** One hidden layer by its bends, in few dimensions. */
export const findByBends = async ({ closedForm }: Prospects): Promise<Finding> =>
  studentsOrNothing(await closedForm.bends());

/** One hidden layer in closed form: its rows from second differences of the answers, or its neurons from their bends. */
export const findClosedForm = async ({ closedForm }: Prospects): Promise<Finding> =>
  studentsOrNothing(await closedForm.first());

/** The same where the second differences cost more. */
export const findClosedFormLater = async ({ closedForm }: Prospects): Promise<Finding> =>
  studentsOrNothing(await closedForm.rest());

/** Students with one hidden layer of some hypotheses, in some waves of the schedule. */
export async function findStudents(
  candidates: readonly Candidate[],
  { search }: Prospects,
  part: { readonly from?: number; readonly to?: number } = {},
): Promise<Finding> {
  const { problem, attempt } = search;
  const schedule = scheduleOf(problem, attempt);
  return studentsOrNothing(await searchStudents(candidates, schedule, problem.task, attempt.training, part));
}

/** The same of all that is likely, in waves that what is known tells. */
export const studentsInWaves =
  (wavesOf: (prospects: Prospects, learnt: Learnt) => { from: number; to?: number }) =>
  (prospects: Prospects, learnt: Learnt): Promise<Finding> =>
    findStudents(prospects.likely.all, prospects, wavesOf(prospects, learnt));

/** Whether the target may be one of bounded neurons beside a linear path: they show no bends far out, but growth. */
export function mayHidePath({ search, look }: Prospects): boolean {
  const { activation } = search.attempt.settings;
  return look === undefined
    ? activation !== 'auto' && isBounded(activation)
    : look.grows && shownBy(look) === undefined;
}

/** Students beside a linear path, where the target grows as one linear map. */
export async function findBesideSeenPath({ search }: Prospects): Promise<Finding> {
  return (await growsAsOneMap(search)) ? studentsOrNothing(await searchBesidePath(search)) : nothing;
}

/** What students of bounded neurons leave at most of the variance where no more than a weak path may be missing. */
export const hardlyAnything = 1e-10;

/** Whether students of bounded neurons left hardly anything: a path too weak to be seen far out may be what they lack. */
export function mayLackPath({ search: { problem, attempt } }: Prospects): boolean {
  return attempt.journal.register
    .ofOneLayer()
    .some(
      ({ shape, loss }) =>
        isBounded(shape.activation) && loss <= hardlyAnything * problem.statistics.scaledVariance,
    );
}

/**
 * Students beside a linear path, where nothing may be asked far out: a path shows in no other way. One of which answers
 * tell some weights badly may make up for neurons that students without it have yet to find.
 */
export async function findBesidePath({ search }: Prospects): Promise<Finding> {
  const reached = await searchBesidePath(search);
  if (reached === undefined) return nothing;
  return foundIfIdentified({ kind: 'shallow', reached }, (result) => {
    if (typeof result === 'string') return { kind: 'nothing', learnt: { failure: result } };
    return leavesOnlyWeightsOpen(result)
      ? { kind: 'nothing', learnt: { nearest: result } }
      : { kind: 'recovery', recovery: result };
  });
}

/**
 * Whether layers may have activations of their own: bends that show one activation alone are those of a network that has
 * it in all its layers. Nobody names several activations, or gives fewer hidden layers.
 */
export function mayBeMixed(prospects: Prospects): boolean {
  const { search, look } = prospects;
  const { activation, depth } = search.attempt.settings;
  const { source } = search.problem;
  if (isBrief(prospects) || activation !== 'auto' || !(depth === 'auto' || depth === 2) || !source.seesFar)
    return false;
  return shownBy(look) === undefined || !look?.grows || look.isMixed === true;
}

/** Two hidden layers with an activation each, of the first wave. */
export const findMixed = async ({ mixed }: Prospects): Promise<Finding> => ofRace(await mixed.first());

/** What was left of a student of a race: another kind of network may be the target where it is not identified. */
export const ofRace = (find: RaceFind | undefined): Finding =>
  find === undefined ? nothing : foundIfIdentified(assembledFromRace(find));

/** The same of the waves after that. */
export const findMixedLater = async ({ mixed }: Prospects): Promise<Finding> => ofRace(await mixed.rest());

/** Answers far out that show limits along rays without a doubt, and those after which it is worth to ask for them. */
const farAnswers = { certain: 100, few: 16 };

/** Whether the sums of a layer may be normalised: answers that were got far out look like limits along rays. */
function seesLimits({ search, mayBeShallow }: Prospects, { isNoNorm }: Learnt, fewest: number): boolean {
  const { source, statistics } = search.problem;
  if (isNoNorm || !mayBeShallow || !source.seesFar) return false;
  return maySeeLimits(source.answers().kept, fewest, statistics);
}

/** The same where a look at the far field has asked so much that nothing else may look so. */
export const isLikelyNormalised = (prospects: Prospects, learnt: Learnt): boolean =>
  seesLimits(prospects, learnt, farAnswers.certain);

/** The same where little was asked far out. */
export const mayBeNormalised = (prospects: Prospects, learnt: Learnt): boolean =>
  seesLimits(prospects, learnt, farAnswers.few);

/** One hidden layer whose neurons' sums are normalised, where answers come to limits along rays. */
export async function findNormalised({ search }: Prospects): Promise<Finding> {
  const { problem, attempt } = search;
  const none = { kind: 'nothing', learnt: { isNoNorm: true } } as const;
  const mayBe = await tendsToLimits(problem, attempt.settings.seed);
  const find = mayBe ? await searchNorm(search) : undefined;
  return find === undefined ? none : foundIfIdentified(assembledFromRace(find), () => none);
}

/**
 * Whether neurons far out are steps, as bounded ones are: of these the far field tells little of the activation, but much
 * of the first layer, at which deep students may begin.
 */
export function isBoundedFarOut({ search, look }: Prospects): boolean {
  const { activation } = search.attempt.settings;
  return look === undefined ? activation !== 'auto' && isBounded(activation) : !look.grows;
}

/**
 * Whether the far field showed a first layer, behind which students did not come down. Where bends are sharp, those that
 * are left unexplained are a third layer's, and following them is quicker: of relu 7-8-7 it took 26 s, and students
 * around its first layer led to nothing in 9 s.
 */
export function mayContractAround({ layers }: Prospects): boolean {
  const seen = layers.seen();
  if (seen === undefined) return false;
  return !activations[seen.first.activation].homogeneous || seen.unexplained === 0;
}

/** Wide students around that layer, contracted, where surfaces or bends show that another is behind it. */
export async function findContractedAround(
  { search, contraction, layers }: Prospects,
  learnt: Learnt,
): Promise<Finding> {
  const seen = layers.seen();
  if (seen === undefined || !(learnt.isDeep || (await bendsShowDepth(search)))) return nothing;
  const contracted = await contraction.around(seen);
  return contracted === undefined
    ? { kind: 'nothing', learnt: { isDeep: true } }
    : ofContracted(contracted, learnt);
}

/** What the far field shows of two layers, and the first wave of deep students. */
export const findLayersFirst = async ({ layers }: Prospects): Promise<Finding> =>
  firstLayersFinding(await layers.first());

/** Layer after layer, read off the far field or shared by deep students, until students behind them are at the floor. */
export const findLayers = async ({ layers }: Prospects, { kept }: Learnt): Promise<Finding> =>
  kept ?? layersFinding(await layers.rest());

/** Whether wide students are contracted before the whole schedule: where the far field cannot be followed. */
export const mayContract = (prospects: Prospects): boolean =>
  !isBrief(prospects) && mayContractSoon(prospects);

function mayContractSoon({ search, mayBeDeep }: Prospects): boolean {
  const { settings, environment } = search.attempt;
  // where the answers show neurons far out, what is deep is looked for there; and heads that are but supposed are many
  const isSupposed = search.problem.source.head !== undefined && environment.isHeadSupposed === true;
  return settings.depth === 'auto' && !mayBeDeep && !isSupposed;
}

/**
 * Whether rounded bends far out show several hidden layers, and the activation: in a short try too, as what grows is
 * behind no head. A deep ReLU network repeats itself where none of its last neurons is active, as a clip does: with three
 * hidden layers the head took 52 s before it was given up.
 */
export function mayBeginAround(prospects: Prospects): boolean {
  const { look } = prospects;
  return mayContractSoon(prospects) && look?.isDeep === true && look.likely !== undefined;
}

/** Whether bends may show several hidden layers behind a softmax, as far out as its sums are known. */
export const mayBeginNear = (prospects: Prospects): boolean =>
  mayContract(prospects) && prospects.search.problem.source.head?.head.name === 'softmax';

/**
 * Whether a head hides the far field: of deeper targets that grow behind it neither bends nor growth are seen, and two
 * hidden layers are looked for before other kinds.
 */
export const mayBeginNarrow = (prospects: Prospects): boolean => {
  const { head, seesFar, reach, grid } = prospects.search.problem.source;
  const { depth } = prospects.search.attempt.settings;
  // given pairs, and inputs that take some values alone, have no narrower queries
  if (isBrief(prospects) || head === undefined || seesFar || reach === 0 || grid) return false;
  return depth === 2 || mayContract(prospects);
};

/** Deep students on narrow queries. */
export const findContractedNarrow = async ({ contraction }: Prospects, learnt: Learnt): Promise<Finding> =>
  ofContracted(await contraction.narrow(), learnt);

/** Deep students around the layers that bends show there. */
export const findContractedNear = async ({ contraction }: Prospects, learnt: Learnt): Promise<Finding> =>
  ofContracted(await contraction.near(), learnt);

/** Deep students that lose one neuron after another, of the first waves. */
export const findContracted = async ({ contraction }: Prospects, learnt: Learnt): Promise<Finding> =>
  learnt.nearest === undefined ? ofContracted(await contraction.first(), learnt) : nothing;

/** The same of the waves after those: other students hardly come to another network than one that is at the floor. */
export const findContractedLater = async ({ contraction }: Prospects, learnt: Learnt): Promise<Finding> =>
  learnt.nearest === undefined ? ofContracted(await contraction.rest(), learnt) : nothing;

/** What contracted students came to; what only imitates the target may stand in for one wide layer. */
const ofContracted = (contracted: Contracted | undefined, { nearest }: Learnt): Finding =>
  contracted === undefined
    ? nothing
    : foundIfIdentified(assembledFromContracted(contracted), (result) =>
        contracted.isFollowed && typeof result === 'object' && leavesOnlyWeightsOpen(result)
          ? { kind: 'recovery', recovery: result }
          : { kind: 'nothing', learnt: { nearest: nearest ?? result } },
      );

/** Whether answers that students did not explain may be those behind a head: what grows is not. */
export function mayBeLimits({ search, likely }: Prospects): boolean {
  // a look at the far field has left only bounded hypotheses where the answers do not grow
  return (
    search.attempt.settings.activation !== 'auto' || likely.all.every(({ trained }) => isBounded(trained))
  );
}

/** Answers far out that are limits end the search: the target is tried behind a head then. */
export async function findLimits({ search }: Prospects): Promise<Finding> {
  const isSuspected = await search.attempt.environment.suspects?.();
  return isSuspected
    ? { kind: 'end', why: 'its answers far out are limits, as those behind a head' }
    : nothing;
}
