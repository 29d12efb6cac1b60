import { randomStream } from '../base/random.js';
import { type Head, type HeadAccuracy, isAsWritten, saturates } from '../network/head.js';
import type { ResolvedOptions } from '../options.js';
import { behindHead, type FarSums } from '../query/behind-head.js';
import { tellOfSums } from '../query/far-sums.js';
import { describeFewValues } from '../query/few-values.js';
import { measureOutputs } from '../query/precision.js';
import {
  headNamed,
  headsNamed,
  isSaturated,
  measureHead,
  recogniseFar,
  recogniseHead,
} from '../query/recognise-head.js';
import { nearerSource } from '../query/shrink.js';
import type { Source } from '../query/source.js';
import type { Dataset } from '../records.js';
import type { Environment, Recovery } from '../recovery.js';
import { headInLayerOf } from './read-as-head.js';

/**
 * Networks of so few hidden neurons behind a head may be plain ones as well: a sigmoid neuron is a softplus one behind
 * a tanh, as σ(z) = tanh(½·softplus(z + ln 2)).
 */
const mostAlsoPlain = 2;

const neuronsOf = ({ widths }: Recovery) => widths.reduce((sum, width) => sum + width, 0);

const hasSaturated = (head: Head, { outputs, outputDimension }: Dataset) =>
  isSaturated(head, outputs, outputDimension);

/** Whether answers far out are limits of a head, and come to both. */
const isSurelyBehind = (head: Head, answers: Dataset) =>
  hasSaturated(head, answers) && comesToBoth(head, answers);

/** Answers are at a limit within this share of the way to the other. */
const atLimit = 1e-6;

/**
 * Whether answers far out come to both limits of a head: a deep ReLU network of which no last neuron is active gives one
 * value nearly everywhere, and behind heads three hidden layers (deep suite, seed 1) were looked for in vain for 27 s.
 */
function comesToBoth({ lower, upper }: Head, { outputs, outputDimension: o }: Dataset): boolean {
  if (lower.length === 0) return true;
  const isAt = (limits: Float64Array) =>
    outputs.some((y, i) => Math.abs(y - limits[i % o]) <= atLimit * (upper[i % o] - lower[i % o]));
  return isAt(lower) && isAt(upper);
}

/** A recovery of what a source gives, whatever it is. */
type Recover = (source: Source, environment: Environment) => Promise<Recovery>;

/**
 * Queries far out, where sums that grow leave a head that saturates nothing but its limits, and their distance; as many
 * again at the other one show whether sums that are known there are so wherever a search looks.
 */
const farLook = { count: 64, distance: 1e3, farther: 1e6 };

/**
 * Recovers a target behind the head that it has (method.md §11): the one that is told, or those that the first answers
 * allow. Where a target without a head could answer so too, that comes first, with the first waves of students only;
 * then the heads, as shortly; then all of them once more, to the end. Where nothing speaks for a head and no target
 * without one is found, answers far out are asked for limits.
 */
export async function recoverBehindHead(
  source: Source,
  settings: ResolvedOptions,
  environment: Environment,
  first: { readonly spread: number; readonly count: number },
  recover: Recover,
): Promise<Recovery> {
  const { head: told, depth, seed } = settings;
  if (told === 'linear') return recover(source, environment);
  const probed = await source.collect().take(first.spread, first.count);
  const statistics = measureOutputs(probed);
  if (statistics.deviations.every((deviation) => deviation === 0)) return recover(source, environment);
  const noise = once(() => source.measureNoise(probed, statistics.scales));
  const far = once(() => askFar(source, seed, farLook.distance));
  const farther = once(() => askFar(source, seed, farLook.farther));
  const behind = (head: Head) =>
    once(async () => {
      const accuracy = measureHead(head, probed, statistics, await noise());
      return behindHead(source, accuracy, await farSums(accuracy, probed, [far, farther]));
    });
  const { heads, isCertain, isClipped } =
    told === 'auto'
      ? recogniseHead(probed, statistics)
      : { heads: [headNamed(told, probed)], isCertain: true, isClipped: false };
  // a few values again and again are no limits that sums pass now and then: behind such a head all would be left out
  if (!isCertain && describeFewValues(probed) !== undefined) return recover(source, environment);
  const nearer = !isCertain && isClipped && (await nearerSource(source, seed));
  if (nearer) return recoverBehindHead(nearer, settings, environment, first, recover);
  if (heads.length === 0)
    return recoverUnhinted(source, depth, environment, { probed, far, behind, recover });
  const answers = !isCertain || told === 'clip' || told === 'tanh' ? await far() : undefined;
  const saturated = answers === undefined || isCertain ? [] : recogniseFar(answers, probed);
  const names = new Set([...heads, ...saturated].map(({ name }) => name));
  const candidates = [...names].flatMap((name) => headsNamed(name, probed, answers)).filter(hasLimit);
  if (candidates.length === 0) return recover(source, environment);
  const sources = candidates.map(behind);
  if (sources.length === 1 && isCertain) return recover(await sources[0](), environment);
  if (isCertain) return (await tryInTurn(sources, environment, depth, recover))!;
  const answered = { probed, far, behind, recover };
  const choice = { heads, candidates, answers, isClipped };
  const isSure = answers !== undefined && candidates.some((head) => isSurelyBehind(head, answers));
  const found = isSurelyFirst(choice)
    ? await recoverBehindFirst(source, depth, environment, choice, answered)
    : await recoverBehindAny(source, depth, environment, { ...choice, isSure }, answered);
  if (!isSure || found.verdict !== 'identified' || neuronsOf(found) > mostAlsoPlain) return found;
  const simpler = await recover(source, { ...environment, brief: true });
  if (simpler.verdict === 'identified' && neuronsOf(simpler) <= neuronsOf(found)) return simpler;
  return simpler.evidence.unfinished ? unconfirmed(found, simpler.reason) : found;
}

/** The heads that answers allow, none of them for certain. */
interface Choice {
  /** The likeliest first, as the first answers speak for them, and all with the limits that answers far out show. */
  readonly heads: readonly Head[];
  readonly candidates: readonly Head[];
  /** Answers far out, where they may be asked for. */
  readonly answers: Dataset | undefined;
  readonly isClipped: boolean;
}

/**
 * Whether answers stay inside the limits of a sigmoid, or of a tanh as it is written, and come to hardly anything else far
 * out, without a sharp bend.
 */
function isSurelyFirst({ heads, candidates: [head], answers }: Choice): boolean {
  if (answers === undefined || heads[0].name !== head.name || !isAsWritten(head)) return false;
  return areInside(head, answers) && isSurelyBehind(head, answers);
}

/** Whether answers far out, where there are any, are inside the limits of a head, as all those nearby are. */
function areInside({ name }: Head, answers: Dataset | undefined): boolean {
  const least = name === 'sigmoid' ? 0 : -1;
  return answers?.outputs.every((y) => y >= least && y <= 1) ?? true;
}

/**
 * A target that surely is behind a sigmoid or a tanh is looked for there to the end at once, and otherwise without a head
 * or behind a clip; a tanh from 0 to 1 is a sigmoid. Of gelu 7-5 behind a sigmoid in float32 short tries of two tanh heads,
 * a clip and none took 40 s before.
 */
async function recoverBehindFirst(
  source: Source,
  depth: ResolvedOptions['depth'],
  environment: Environment,
  { candidates: [first, ...rest] }: Choice,
  { behind, recover }: Answered,
): Promise<Recovery> {
  const found = await recover(await behind(first)(), environment);
  if (isEnd(found)) return found;
  const others = rest.filter(({ name }) => first.name !== 'sigmoid' || name === 'clip').map(behind);
  const supposing = { ...environment, isHeadSupposed: true };
  return (await tryInTurn([...others, async () => source], supposing, depth, recover))!;
}

/** A target behind one of several heads or none, each tried shortly before any is tried to the end. */
async function recoverBehindAny(
  source: Source,
  depth: ResolvedOptions['depth'],
  environment: Environment,
  { candidates, answers, isClipped, isSure }: Choice & { readonly isSure: boolean },
  answered: Answered,
): Promise<Recovery> {
  const sources = candidates.map(answered.behind);
  const plain = async () => source;
  const order = isSure ? [...sources, plain] : [plain, ...sources];
  // hardly any target without a head answers inside (0, 1) everywhere
  const isOnly =
    candidates.length === 1 && candidates[0].name === 'sigmoid' && areInside(candidates[0], answers);
  // extremes that repeat speak for a head once the first waves of students have not explained them, unless answers far
  // out go on: a deep ReLU network repeats itself where none of its last neurons is active
  const later = isOnly || (isClipped && answers === undefined) ? [...sources, plain] : order;
  const around = isOnly ? environment : { ...environment, isHeadSupposed: true };
  const tried = (await tryInTurn(order, around, depth, answered.recover, later))!;
  return readAsHead(tried, environment, answered);
}

/** What is known of a target's answers, and how it is asked behind a head and recovered. */
interface Answered {
  readonly probed: Dataset;
  readonly far: () => Promise<Dataset | undefined>;
  readonly behind: (head: Head) => () => Promise<Source>;
  readonly recover: Recover;
}

/** The same where the first answers speak for no head: one may show far out, or as the last layer of what is found. */
async function recoverUnhinted(
  source: Source,
  depth: ResolvedOptions['depth'],
  environment: Environment,
  { probed, far, behind, recover }: Answered,
): Promise<Recovery> {
  const suspected = once(async () => {
    const answers = await far();
    return answers === undefined ? [] : recogniseFar(answers, probed);
  });
  const suspects = async () => (await suspected()).length > 0;
  const supposing = { ...environment, isHeadSupposed: true };
  const recovery = await recover(source, { ...environment, suspects });
  if (recovery.verdict === 'identified')
    return readAsHead(recovery, environment, { probed, far, behind, recover });
  if (isEnd(recovery) || !(await suspects())) return recovery;
  const plain = async () => source;
  const sources = [...(await suspected()).map(behind), plain];
  // limits far out alone are a weak hint: what is no network ends sooner without these heads to the end
  const later = depth === 'auto' || depth === 1 ? [plain] : sources;
  return (await tryInTurn(sources, supposing, depth, recover, later)) ?? recovery;
}

/** What was identified, behind the head that its last hidden layer stands for where it stands for one. */
async function readAsHead(
  recovery: Recovery,
  environment: Environment,
  { probed, far, behind, recover }: Answered,
): Promise<Recovery> {
  if (recovery.verdict !== 'identified' || recovery.network?.head) return recovery;
  const head = await headInLayerOf(recovery.network, probed, far);
  return head ? fewer(await recover(await behind(head)(), environment), recovery) : recovery;
}

/** A recovery behind a head that a layer stood for, where it is found with fewer neurons; else the one with the layer. */
const fewer = (behind: Recovery, plain: Recovery): Recovery =>
  behind.verdict === 'identified' && neuronsOf(behind) < neuronsOf(plain) ? behind : plain;

/** A network behind a head, where the search for one without a head could not go to its end. */
const unconfirmed = (found: Recovery, why: string): Recovery => ({
  ...found,
  verdict: 'imitated',
  reason: `${found.reason.split(' answer')[0]} behind a ${found.network?.head?.name} imitate the target to its ${found.evidence.certificate?.floorCause}, but whether as few without that head do so as well was not found out: ${why}`,
});

/** The first recovery that finds something, each tried shortly before any is tried to the end; else the last. */
async function tryInTurn(
  sources: readonly (() => Promise<Source>)[],
  environment: Environment,
  depth: ResolvedOptions['depth'],
  recover: Recover,
  later = sources,
): Promise<Recovery | undefined> {
  let last: Recovery | undefined;
  for (const brief of depth === 'auto' || depth === 1 ? [true, false] : [false]) {
    for (const open of brief ? sources : later) {
      if (last !== undefined) environment.onEvent?.({ kind: 'phase', phase: 'query' });
      last = await recover(await open(), { ...environment, brief, again: last !== undefined && !brief });
      if (isEnd(last)) return last;
    }
  }
  return last;
}

/** Whether a head does anything: a clip whose limits answers far out lie beyond does not. */
const hasLimit = ({ name, lower, upper }: Head): boolean =>
  name !== 'clip' || [...lower, ...upper].some(Number.isFinite);

/** Whether a recovery found something, or may not go on. */
const isEnd = ({ verdict, evidence }: Recovery) => verdict !== 'failed' || evidence.unfinished !== undefined;

/** What an action gives the first time, every time. */
function once<T>(act: () => Promise<T>): () => Promise<T> {
  let given: Promise<T> | undefined;
  return () => {
    given ??= act();
    return given;
  };
}

/** What answers at two distances tell of the sums before a head that saturates; undefined where none may be asked for. */
async function farSums(
  accuracy: HeadAccuracy,
  probed: Dataset,
  [far, farther]: readonly (() => Promise<Dataset | undefined>)[],
): Promise<FarSums | undefined> {
  const first = saturates(accuracy.head) ? await far() : undefined;
  if (first === undefined) return undefined;
  const told = tellOfSums(accuracy, probed, [first]);
  return told.areKnown ? tellOfSums(accuracy, probed, [first, (await farther())!]) : told;
}

/** Answers far out; undefined where they may not be asked for. */
async function askFar(source: Source, seed: number, distance: number): Promise<Dataset | undefined> {
  if (!source.seesFar) return undefined;
  const { count } = farLook;
  const isNearer = distance === farLook.distance;
  const random = randomStream(seed, isNearer ? 'far answers' : 'farther answers');
  const d = source.inputDimension;
  const inputs = Float64Array.from({ length: count * d }, () => distance * random.normal());
  const outputs = await source.askAnswers(inputs, count, 'far field');
  return { inputs, outputs, count, inputDimension: d, outputDimension: source.outputDimension };
}
