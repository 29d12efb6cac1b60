import { randomStream } from './base/random.js';
import { finishContracted } from './contract/finish-contracted.js';
import { type Contracted, startContraction } from './contract/search-contract.js';
import { canProbe, scalarOf } from './deep/context.js';
import { type DeepFinishContext, finishDeep } from './deep/finish.js';
import { recoverMixed } from './deep/finish-mixed.js';
import { searchDeep } from './deep/search.js';
import type { Candidate } from './expand/candidates.js';
import type { Wave } from './expand/expand.js';
import { type Reached, searchStudents, wavesForAll } from './expand/search.js';
import { isBounded, isTriedFirst } from './network/families.js';
import { growsFarOut, wholeSpace } from './probe/far-field.js';
import { type FirstLook, lookFar } from './probe/first-look.js';
import type { Recovery } from './recovery.js';
import { searchClosedForm } from './search-closed.js';
import { growsAsOneMap, searchBesidePath } from './search-paths.js';

/** Waves of students with one hidden layer before deeper ones, where the activation is known. */
const wavesForKnown = 2;

/**
 * With so few inputs more of them: many neurons that share few dimensions are what the later waves are for, and the
 * search for deeper layers takes longer than they do (g-2-8-1: 27 s and 18,075 queries with two waves before it, 1.5 s and 2,648 with six).
 */
const fewInputs = { most: 3, waves: 6 };

/** What the search over depths needs. */
export interface DepthSearchContext extends DeepFinishContext {
  readonly candidates: readonly Candidate[];
  readonly schedule: readonly Wave[];
  /** Whether the schedule is given, for measurements: then nothing else is tried. */
  readonly isScheduleGiven: boolean;
}

/** Students reached the floor, but no network could be made of them; why, in words. */
export interface Failure {
  readonly failure: string;
}

/**
 * The smallest depth that works: students with one hidden layer first, but only the first waves of them; then
 * deeper targets, layer by layer; then what is left of the first. Answers that are rounded or noisy show deeper
 * layers badly: there the whole schedule comes first, and deeper layers only where they are asked for. Returns
 * students with one hidden layer at the floor, or the recovery of a deeper target or why there is none, or undefined.
 */
export async function searchDepths(
  context: DepthSearchContext,
): Promise<Reached | Recovery | Failure | undefined> {
  const { depth, candidates, schedule, isScheduleGiven } = context;
  if (isScheduleGiven) return searchStudents(candidates, schedule, context);
  const mayBeShallow = depth === 'auto' || depth === 1;
  const mayBeDeep = depth === 'auto' ? canProbe(context) : depth > 1 && canProbe(context);
  const look = context.activation === 'auto' ? await lookAtFarField(context) : undefined;
  const likely = likelyCandidates(candidates, look);
  const waves = likely.length === 1 ? wavesForKnown : wavesForAll;
  const least = context.inputs <= fewInputs.most ? fewInputs.waves : 0;
  const isBrief = context.environment.brief === true;
  const tryMixed = async () => {
    if (isBrief || !mayBeMixed(context, look)) return undefined;
    const mixed = await recoverMixed(context, look?.grows);
    context.enter('expand');
    return mixed;
  };
  const contraction = contractionOf(context, look);
  // where the answers show neurons far out, what is deep is looked for there; and heads that are but supposed are many
  const isSupposed = context.source.head !== undefined && context.environment.isHeadSupposed === true;
  const mayContract = depth === 'auto' && !mayBeDeep && !isBrief && !isSupposed;
  const tryDeeper = async () => {
    const found = mayContract ? await contraction.first() : undefined;
    return found ?? (await tryMixed());
  };
  const first = mayBeDeep || isBrief ? Math.max(waves, least) : schedule.length;
  if (mayBeShallow) {
    const closed = await searchClosedForm(likely, context);
    if (closed !== undefined) return { ...closed, ...(look && { look }) };
    const reached = await searchInTurn(likely, context, look, first, tryDeeper);
    if (reached !== undefined && 'verdict' in reached) return reached;
    if (reached !== undefined) return { ...reached, ...(look && { look }) };
    if (isBrief) return undefined;
    // a look at the far field has left only these where the answers do not grow
    const mayHide = context.activation !== 'auto' || likely.every(({ trained }) => isBounded(trained));
    if (mayHide && (await context.environment.suspects?.())) {
      return { failure: 'its answers far out are limits, as those behind a head' };
    }
  }
  let isDeep = false;
  let failure: string | undefined;
  if (mayBeDeep) {
    const mixed = await tryMixed();
    if (mixed !== undefined) return mixed;
    const find = await searchDeep(context);
    if (find.kind === 'shallow') return { ...find.reached, ...(look && { look }) };
    if (find.kind === 'deep') {
      const result = await finishDeep(find, context);
      if (typeof result === 'object') return result;
      failure = result;
    }
    // surfaces that turn are those of a second hidden layer: one alone will not do
    isDeep = find.kind === 'deep' || find.isDeep;
    if (find.kind === 'none' && find.isDeep && depth === 'auto') return undefined;
    context.enter('expand');
  }
  if (depth === 'auto' ? isDeep : depth > 1) {
    // what was seen far out has been followed to its end: a short try
    const found = (await contraction.first()) ?? (mayBeDeep ? undefined : await contraction.rest());
    if (found !== undefined) return found;
  }
  if (!mayBeShallow || isDeep) {
    return contraction.nearest() ?? (failure === undefined ? undefined : { failure });
  }
  const reached = await searchStudents(likely, schedule, context, { from: first });
  // bends that show an activation are proof enough; where none were seen, the rest is tried too
  const others =
    likely.length === 1
      ? []
      : candidates.filter((candidate) => !likely.includes(candidate) && isTriedFirst(candidate.trained));
  const found = reached ?? (others.length > 0 ? await searchStudents(others, schedule, context) : undefined);
  if (found !== undefined) return { ...found, ...(look && { look }) };
  // where nothing may be asked far out, a path shows in no other way
  const beside = context.source.seesFar || isBrief ? undefined : await searchBesidePath(context);
  if (beside !== undefined || !mayContract) return beside ?? contraction.nearest();
  return (await contraction.rest()) ?? contraction.nearest();
}

/** Contracted students, a few waves first and the others later, and the network nearest to the target so far. */
function contractionOf(context: DepthSearchContext, look: FirstLook | undefined) {
  const contraction = startContraction({ ...context, ...(look && { grows: look.grows }) });
  let nearest: Recovery | Failure | undefined;
  const certain = async (contracted: Contracted | undefined): Promise<Recovery | undefined> => {
    const result = contracted && (await finishContracted(contracted, context));
    if (result === undefined) return undefined;
    if (typeof result === 'object' && result.verdict === 'identified') return result;
    // what only imitates the target may stand in for one wide layer
    nearest ??= typeof result === 'object' ? result : { failure: result };
    context.enter('expand');
    return undefined;
  };
  return {
    first: async () => certain(await contraction.first()),
    // other students hardly come to another network than one that is at the floor
    rest: async () => (nearest === undefined ? certain(await contraction.rest()) : undefined),
    nearest: () => nearest,
  };
}

/**
 * The first waves, up to `first`: with the activations that are tried first, and where their students stay above the
 * floor in the waves that all hypotheses get, with the others, before the first ones go on.
 */
async function searchInTurn(
  likely: readonly Candidate[],
  context: DepthSearchContext,
  look: FirstLook | undefined,
  first: number,
  tryDeeper: () => Promise<Recovery | undefined>,
): Promise<Reached | Recovery | undefined> {
  const { schedule } = context;
  const early = likely.filter(({ trained }) => isTriedFirst(trained));
  const later = likely.filter(({ trained }) => !isTriedFirst(trained));
  const turn = Math.min(first, wavesForAll);
  const inTurn = early.length === 0 || later.length === 0 ? [likely] : [early, later];
  for (const some of inTurn) {
    const reached = await searchStudents(some, schedule, context, { to: turn });
    if (reached !== undefined) return reached;
  }
  const beside = mayHidePath(context, look) && (await growsAsOneMap(context));
  const reached = beside ? await searchBesidePath(context) : undefined;
  if (reached !== undefined || turn === first) return reached;
  // what goes on from here is long
  const deeper = await tryDeeper();
  return deeper ?? searchStudents(likely, schedule, context, { from: turn, to: first });
}

/**
 * Whether layers may have activations of their own: bends that show one activation alone are those of a network that has
 * it in all its layers. Nobody names several activations, or gives fewer hidden layers.
 */
function mayBeMixed({ activation, depth, source }: DepthSearchContext, look: FirstLook | undefined): boolean {
  if (activation !== 'auto' || !(depth === 'auto' || depth === 2) || !source.seesFar) return false;
  return look?.activation === undefined || !look.grows || look.isMixed === true;
}

/** Whether the target may be one of bounded neurons beside a linear path: they show no bends far out, but growth. */
function mayHidePath({ activation }: DepthSearchContext, look: FirstLook | undefined): boolean {
  return look === undefined
    ? activation !== 'auto' && isBounded(activation)
    : look.grows && look.activation === undefined;
}

/**
 * The hypotheses that a look at the far field leaves: one where bends show the activation, else those of its kind.
 * Rounded answers hide bends there, but not whether they grow.
 */
function likelyCandidates(
  candidates: readonly Candidate[],
  look: FirstLook | undefined,
): readonly Candidate[] {
  if (look === undefined) return candidates;
  const shown = candidates.filter((candidate) => candidate.trained === look.activation);
  if (shown.length > 0) return shown;
  return candidates.filter(({ trained }) => look.grows !== isBounded(trained));
}

/** A look at the far field, where there is one. */
async function lookAtFarField(context: DepthSearchContext): Promise<FirstLook | undefined> {
  if (!context.source.seesFar) return undefined;
  const scalar = scalarOf(context);
  const space = wholeSpace(scalar.dimension);
  const labels = [context.seed, 'first look'];
  if (canProbe(context)) return lookFar(scalar, space, labels, context.environment.kernels);
  return { grows: await growsFarOut(scalar, space, randomStream(...labels)), activation: undefined };
}
