import { type Accuracy, allowanceOf, answerScales, scaledAnswers } from '../certify/allowance.js';
import type { Certificate } from '../certify/certificate.js';
import { type Certified, certify } from '../certify/certify.js';
import { checkAnswers } from '../certify/check-answers.js';
import { isAtFloor, isFittedToFloor } from '../certify/judge.js';
import {
  leastSize,
  type PlannedShell,
  planCrossings,
  planShells,
  type Region,
  type Shell,
  sizesToAsk,
} from '../certify/region.js';
import { type DeepNetwork, toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import { type KnownNetwork, liftThroughFrame, toInputs } from '../network/frame.js';
import type { Head } from '../network/head.js';
import { withHead } from '../network/head-gauge.js';
import type { Source } from '../query/source.js';
import type { Dataset, Deletion, Network } from '../records.js';
import type { EndingContext, Polished } from './context.js';
import { mend } from './mend.js';

/** A network with its whole certificate; after neurons were added where answers contradicted it, that of the last one. */
export interface Concluded {
  readonly network: Network;
  readonly known: KnownNetwork;
  readonly polished: Polished;
  readonly certificate: Certificate;
  /** Hidden widths before and after neurons were added; missing where answers asked for none. */
  readonly mended?: { readonly before: readonly number[]; readonly after: readonly number[] };
}

/** Rounds of adding neurons where answers contradict the network. */
const mendingRounds = 3;

/**
 * The certificate of a network: every hidden layer, fresh answers from near to far, and every answer that the run got.
 * Answers that contradict it say where a neuron is missing: there it is looked for, and what is found is certified
 * again (method.md §9). `heldOut` are fresh pairs, unscaled.
 */
export async function conclude(
  polished: Polished,
  heldOut: Dataset,
  context: EndingContext,
): Promise<Concluded> {
  let current = await certifyWhole(polished, heldOut, context);
  const before = widthsOf(current.polished);
  for (let round = 0; round < mendingRounds; round++) {
    if (isRight(current.certificate)) break;
    const next = await mendCertified(current, heldOut, context);
    if (next === undefined) break;
    current = next;
  }
  const { contradictions: _, ...concluded } = current;
  const after = widthsOf(current.polished);
  return current.polished === polished ? concluded : { ...concluded, mended: { before, after } };
}

/** The first mended network that explains more, with its certificate: neurons that are open read anew, then others added. */
async function mendCertified(
  { polished, certificate, contradictions }: CertifiedWhole,
  heldOut: Dataset,
  context: EndingContext,
): Promise<CertifiedWhole | undefined> {
  const open = openOfLast({ polished, certificate });
  for (const own of open.length > 0 ? [open, []] : [[]]) {
    const mended = await mend(polished, contradictions, context, own);
    if (mended === undefined) continue;
    const next = await certifyWhole(mended, heldOut, context, true);
    if (isBetter(next.certificate, certificate)) return next;
  }
  return undefined;
}

/** Neurons of the last hidden layer of whose weights the samples leave some open. */
function openOfLast({ certificate, polished }: Pick<CertifiedWhole, 'certificate' | 'polished'>): number[] {
  const { openWeights = [] } = certificate.identifiability;
  const last = widthsOf(polished).length - 1;
  return openWeights.filter(({ layer }) => layer === last).map(({ neuron }) => neuron);
}

const widthsOf = ({ network }: Polished) => network.shape.widths;

/** Whether rounding, noise and the weights' errors explain all that is known of the target's answers. */
function isRight(certificate: Certificate): boolean {
  return certificate.answers.contradicted === 0 && isExplained(certificate);
}

/** Whether they explain what a network leaves on its samples and on the held-out cloud. */
const isExplained = (certificate: Certified['certificate']): boolean =>
  isFittedToFloor(certificate) && isAtFloor(certificate);

/** Whether a mended network explains more: fewer answers contradict it, or as few and it fits as well as it can. */
function isBetter(next: Certificate, before: Certificate): boolean {
  if (isRight(next)) return true;
  const share = ({ answers }: Certificate) => answers.contradicted / answers.checked;
  return isFittedToFloor(next) && share(next) < share(before);
}

interface CertifiedWhole extends Omit<Concluded, 'mended'> {
  readonly contradictions: Dataset | undefined;
}

async function certifyWhole(
  polished: Polished,
  heldOut: Dataset,
  { source, accuracy, relativeError, seed, kernels, stop }: EndingContext,
  isMended = false,
): Promise<CertifiedWhole> {
  const { frame } = source;
  const { certificate, known } = certify({ ...polished, heldOut, frame, accuracy, isMended }, kernels);
  const whole = polished.lifted?.whole ?? polished.network;
  const sizes = sizesToAsk(relativeError, source.reach);
  const planned = source.reach === 0 ? [] : planShells(whole, sizes, source.reach, seed, source.grid);
  const shells: (Omit<Shell, 'share'> & { queries: number })[] = [];
  const usual = source.reach === 0 ? 'pairs' : 'cloud';
  shells.push({ kind: usual, size: 1, ...holdAgainst(known, heldOut, source, accuracy) });
  const askShell = async ({ kind, size, inputs, count }: PlannedShell) => {
    const outputs = await source.askAnswers(inputs, count, 'held-out');
    const asked = { ...heldOut, inputs, outputs, count };
    shells.push({ kind, size, ...holdAgainst(known, asked, source, accuracy) });
  };
  for (const shell of planned) await askShell(shell);
  const isRightSoFar =
    isExplained(certificate) &&
    certificate.identifiability.fullRank &&
    shells.every(({ contradicted }) => contradicted === 0);
  const crossings =
    isRightSoFar && source.reach > 0 && !source.grid ? planCrossings(whole, source.reach, seed) : undefined;
  if (crossings) await askShell(crossings);
  const answers = source.answers();
  const shown = shownHead(known, answers.kept, source, accuracy);
  const { check, contradictions } = await checkAnswers(known, answers.kept, answers.given, {
    frame,
    accuracy,
    stop,
  });
  return {
    polished,
    known,
    network: withHead(handedOut(known.network, accuracy.scales, source), shown),
    certificate: { ...certificate, answers: check, region: regionOf(shells, source, sizes) },
    contradictions,
  };
}

function regionOf(shells: readonly Omit<Shell, 'share'>[], source: Source, sizes: readonly number[]): Region {
  const all = shells.reduce((sum, shell) => sum + shell.queries, 0);
  const isFar = source.reach === Number.POSITIVE_INFINITY;
  const kind = source.grid ? 'grid' : source.reach === 0 ? 'pairs' : isFar ? 'distances' : 'bounds';
  const moves = source.grid?.isContinuous.includes(true) ?? true;
  return {
    kind,
    least: isFar ? leastSize : 0,
    most: isFar ? sizes[sizes.length - 1] : moves ? source.reach : 0,
    ...(kind === 'distances' && source.frame && { around: source.frame }),
    shells: shells.map((shell) => ({ ...shell, share: shell.queries / all })),
  };
}

/** A sum passes the limit of a clip where it is beyond by so many deviations of an answer, and so much of its scale. */
const beyondLimit = { deviations: 8, share: 1e-6 };

/**
 * The head, without limits of a clip that no sum passes: what looked like one is what the network itself comes to, as
 * the end of a tanh that rounding made repeat.
 */
function shownHead(
  { network }: KnownNetwork,
  answers: readonly Dataset[],
  { frame }: Source,
  { head, scales }: Accuracy,
): Head | undefined {
  if (head?.head.name !== 'clip') return head?.head;
  const { name, lower, upper } = head.head;
  const o = scales.length;
  const margins = scales.map(
    (scale, k) =>
      beyondLimit.share * scale +
      beyondLimit.deviations * (Math.sqrt(head.variances[k]) + head.roundoff * scale) +
      head.quanta[k],
  );
  const [isReachedBelow, isReachedAbove] = [lower, upper].map((limits) => limits.map(() => 0));
  const plain = toDeepNetwork(network, scales);
  for (const { inputs, count } of answers) {
    forward(plain, toInputs(frame, inputs), count).forEach((u, i) => {
      if (u < lower[i % o] - margins[i % o]) isReachedBelow[i % o] = 1;
      if (u > upper[i % o] + margins[i % o]) isReachedAbove[i % o] = 1;
    });
  }
  if ([...isReachedBelow, ...isReachedAbove].every((times) => times === 0)) return undefined;
  return {
    name,
    lower: lower.map((limit, k) => (isReachedBelow[k] > 0 ? limit : Number.NEGATIVE_INFINITY)),
    upper: upper.map((limit, k) => (isReachedAbove[k] > 0 ? limit : Number.POSITIVE_INFINITY)),
  };
}

/** How many of some fresh pairs contradict a network. */
function holdAgainst(known: KnownNetwork, pairs: Dataset, { frame }: Source, accuracy: Accuracy) {
  const scales = answerScales(accuracy);
  const { count } = pairs;
  const o = scales.length;
  const points = toInputs(frame, pairs.inputs);
  const predictions = scaledAnswers(known.network, points, count, accuracy);
  const allowed = allowanceOf(known, points, count, accuracy);
  let contradicted = 0;
  for (let n = 0; n < count; n++) {
    const isOff = scales.some((scale, k) => {
      const i = n * o + k;
      return !((predictions[i] - pairs.outputs[i] / scale) ** 2 <= allowed[i]);
    });
    if (isOff) contradicted++;
  }
  return { queries: count, contradicted };
}

/** Deletion tests of all layers, one after the other. */
export const allDeletions = ({ deletions }: Polished): readonly Deletion[] => deletions.flat();

/** A network in the coordinates of the recovery, for scaled outputs, as one for the target's own inputs and outputs. */
export function networkFor(source: Source, network: DeepNetwork, scales: Float64Array): Network {
  const standardErrors = new Float64Array(network.parameters.length);
  const lifted = liftThroughFrame({ network, standardErrors }, source.frame).network;
  return withHead(handedOut(lifted, scales, source), source.head?.head);
}

/** A network in the target's coordinates with its outputs in their units, and what was taken away from them. */
function handedOut(lifted: DeepNetwork, scales: Float64Array, { offsets }: Source): Network {
  const network = toDeepNetwork(lifted, scales);
  if (offsets === undefined) return network;
  const last = network.layers[network.layers.length - 1];
  const biases = last.biases.map((bias, k) => bias + offsets[k]);
  return { ...network, layers: [...network.layers.slice(0, -1), { ...last, biases }] };
}
