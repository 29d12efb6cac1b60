import { recoverNormalised, recoverResidual } from '../deep/finish-mixed.js';
import { maySeeLimits, tendsToLimits } from '../deep/limits-along-rays.js';
import type { Candidate } from '../expand/candidates.js';
import { searchStudents } from '../expand/search.js';
import { isBounded } from '../network/families.js';
import { isShallow } from '../records.js';
import { type Finding, type Learnt, nothing, recoveryOrNothing, studentsOrNothing } from './finding.js';
import { type Prospects, shownBy } from './prospects.js';
import { searchClosedForm } from './search-closed.js';
import { growsAsOneMap, searchBesidePath } from './search-paths.js';

/** One hidden layer in closed form: its rows from second differences of the answers. */
export async function findClosedForm({ context, likely }: Prospects): Promise<Finding> {
  return studentsOrNothing(await searchClosedForm(likely.all, context));
}

/** Students with one hidden layer of some hypotheses, in some waves of the schedule. */
export async function findStudents(
  candidates: readonly Candidate[],
  { context }: Prospects,
  part: { readonly from?: number; readonly to?: number } = {},
): Promise<Finding> {
  return studentsOrNothing(await searchStudents(candidates, context.schedule, context, part));
}

/** Whether the target may be one of bounded neurons beside a linear path: they show no bends far out, but growth. */
export function mayHidePath({ context: { activation }, look }: Prospects): boolean {
  return look === undefined
    ? activation !== 'auto' && isBounded(activation)
    : look.grows && shownBy(look) === undefined;
}

/** Students beside a linear path, where the target grows as one linear map. */
export async function findBesideSeenPath({ context }: Prospects): Promise<Finding> {
  return (await growsAsOneMap(context)) ? studentsOrNothing(await searchBesidePath(context)) : nothing;
}

/** What students of bounded neurons leave at most of the variance where no more than a weak path may be missing. */
export const hardlyAnything = 1e-10;

/** Whether students of bounded neurons left hardly anything: a path too weak to be seen far out may be what they lack. */
export function mayLackPath({ context: { students, statistics } }: Prospects): boolean {
  return students.some(
    (student) =>
      isShallow(student) &&
      isBounded(student.shape.activation) &&
      student.loss <= hardlyAnything * statistics.scaledVariance,
  );
}

/** Students beside a linear path, where nothing may be asked far out: a path shows in no other way. */
export async function findBesidePath({ context }: Prospects): Promise<Finding> {
  return studentsOrNothing(await searchBesidePath(context));
}

/**
 * Whether layers may have activations of their own: bends that show one activation alone are those of a network that has
 * it in all its layers. Nobody names several activations, or gives fewer hidden layers.
 */
export function mayBeMixed({ context, look, isBrief }: Prospects): boolean {
  const { activation, depth, source } = context;
  if (isBrief || activation !== 'auto' || !(depth === 'auto' || depth === 2) || !source.seesFar) return false;
  return shownBy(look) === undefined || !look?.grows || look.isMixed === true;
}

/** Two hidden layers with an activation each, of the first wave. */
export async function findMixed({ context, mixed }: Prospects): Promise<Finding> {
  const recovery = await mixed.first();
  if (recovery === undefined) context.enter('expand');
  return recoveryOrNothing(recovery);
}

/** The same of the waves after that. */
export async function findMixedLater({ context, mixed }: Prospects): Promise<Finding> {
  const recovery = await mixed.rest();
  if (recovery === undefined) context.enter('expand');
  return recoveryOrNothing(recovery);
}

/** Answers far out that show limits along rays without a doubt, and those after which it is worth to ask for them. */
const farAnswers = { certain: 100, few: 16 };

/** Whether the sums of a layer may be normalised: answers that were got far out look like limits along rays. */
function seesLimits({ context, mayBeShallow }: Prospects, { isNoNorm }: Learnt, fewest: number): boolean {
  const { source } = context;
  if (isNoNorm || !mayBeShallow || !source.seesFar) return false;
  return maySeeLimits(source.answers().kept, fewest, context);
}

/** The same where a look at the far field has asked so much that nothing else may look so. */
export const isLikelyNormalised = (prospects: Prospects, learnt: Learnt): boolean =>
  seesLimits(prospects, learnt, farAnswers.certain);

/** The same where little was asked far out. */
export const mayBeNormalised = (prospects: Prospects, learnt: Learnt): boolean =>
  seesLimits(prospects, learnt, farAnswers.few);

/** One hidden layer whose neurons' sums are normalised, where answers come to limits along rays. */
export async function findNormalised({ context }: Prospects): Promise<Finding> {
  const recovery = (await tendsToLimits(context)) ? await recoverNormalised(context) : undefined;
  if (recovery !== undefined) return recoveryOrNothing(recovery);
  context.enter('expand');
  return { kind: 'nothing', learnt: { isNoNorm: true } };
}

/** Whether layers may be seen past the next one: of any depth but one. */
export const mayBeResidual = ({ context: { depth }, isBrief }: Prospects): boolean => !isBrief && depth !== 1;

/** Residual layers, of the activation that the far field shows where it shows one. */
export async function findResidual({ context, look }: Prospects): Promise<Finding> {
  const own = { ...context, ...(look && { grows: look.grows }) };
  const recovery = await recoverResidual(own, look?.isMixed ? undefined : look?.activation);
  if (recovery === undefined) context.enter('expand');
  return recoveryOrNothing(recovery);
}

/**
 * Whether neurons far out are steps, as bounded ones are: of these the far field tells little of the activation, but much
 * of the first layer, at which deep students may begin.
 */
export const isBoundedFarOut = ({ context: { activation }, look }: Prospects): boolean =>
  look === undefined ? activation !== 'auto' && isBounded(activation) : !look.grows;

/** What the far field shows, and the first wave of deep students. */
export const findLayersFirst = ({ layers }: Prospects): Promise<Finding> => layers.first();

/** Layer after layer, read off the far field or shared by deep students, until students behind them are at the floor. */
export const findLayers = ({ layers }: Prospects): Promise<Finding> => layers.rest();

/** Whether wide students are contracted before the whole schedule: where the far field cannot be followed. */
export function mayContract({ context, mayBeDeep, isBrief }: Prospects): boolean {
  const { depth, source, environment } = context;
  // where the answers show neurons far out, what is deep is looked for there; and heads that are but supposed are many
  const isSupposed = source.head !== undefined && environment.isHeadSupposed === true;
  return depth === 'auto' && !mayBeDeep && !isBrief && !isSupposed;
}

/** Whether rounded bends far out show several hidden layers, and the activation. */
export function mayBeginAround(prospects: Prospects): boolean {
  const { look } = prospects;
  return mayContract(prospects) && look?.isDeep === true && look.likely !== undefined;
}

/** Deep students that lose one neuron after another, of the first waves. */
export const findContracted = async ({ contraction }: Prospects): Promise<Finding> =>
  recoveryOrNothing(await contraction.first());

/** The same of the waves after those. */
export const findContractedLater = async ({ contraction }: Prospects): Promise<Finding> =>
  recoveryOrNothing(await contraction.rest());

/** Whether answers that students did not explain may be those behind a head: what grows is not. */
export function mayBeLimits({ context, likely }: Prospects): boolean {
  // a look at the far field has left only bounded hypotheses where the answers do not grow
  return context.activation !== 'auto' || likely.all.every(({ trained }) => isBounded(trained));
}

/** Answers far out that are limits end the search: the target is tried behind a head then. */
export async function findLimits({ context }: Prospects): Promise<Finding> {
  const isSuspected = await context.environment.suspects?.();
  return isSuspected
    ? { kind: 'end', why: 'its answers far out are limits, as those behind a head' }
    : nothing;
}
