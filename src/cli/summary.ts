import type { Certificate } from '../certify/certificate.js';
import { describeAnswers, describeClips, describeFrame, describeRegion } from '../certify/describe-region.js';
import type { Identifiability } from '../certify/identifiability.js';
import { describeUnseen, listNumbers } from '../certify/unseen.js';
import { type Head, hasFreeShift } from '../network/head.js';
import { activationText } from '../network/layer-names.js';
import { describePaths } from '../network/path-names.js';
import type { Clustering, DeepStudent, Deletion, Network, Student } from '../records.js';
import type { Recovery } from '../recovery.js';
import type { RunFiles } from '../run/describe-recovery.js';

/** A recovery, how it was run and what was written of it. */
export interface RunResult {
  readonly recovery: Recovery;
  /** The target in words. */
  readonly target: string;
  readonly inputDimension: number;
  readonly seconds: number;
  readonly files: RunFiles;
}

/** A name and what is said under it; what goes on has no name. */
type Row = [string, string];

/** The result of a run for people: verdict and reason first, then a row for each fact, then the files. */
export function summaryLines(result: RunResult): string[] {
  const { verdict, reason } = result.recovery;
  const rows = [...foundRows(result), ...evidenceRows(result.recovery), ...fileRows(result)];
  return [`${verdict}: ${reason}.`, '', ...rows.map(([name, text]) => `${name.padEnd(12)}${text}`)];
}

/** The network, and what it cost. */
function foundRows({ recovery, target, inputDimension, seconds }: RunResult): Row[] {
  const { widths, network, evidence } = recovery;
  const rows: Row[] = [['target', target]];
  if (network !== null) {
    rows.push(['widths', [inputDimension, ...widths, network.layers.at(-1)!.outputs].join('-')]);
    rows.push(['activation', describeActivation(recovery)]);
    if (network.norms !== undefined) rows.push(['normalised', describeNorms(network.norms)]);
    if (network.paths !== undefined) rows.push(['paths', describePaths(network)]);
    if (network.head !== undefined) rows.push(['head', describeHead(network.head)]);
    if (evidence.rivals?.tried.length) rows.push(['rivals', describeRivals(evidence.rivals)]);
  }
  rows.push(['queries', String(recovery.queries)]);
  const asked = Object.entries(evidence.queriesBy ?? {}).sort(([, a], [, b]) => b - a);
  if (asked.length > 0) {
    rows.push(['asked for', asked.map(([purpose, count]) => `${purpose} ${count}`).join(', ')]);
  }
  rows.push(['seconds', seconds.toFixed(1)]);
  return rows;
}

/** How well it is known, and what led to it. */
function evidenceRows({ loss, floor, evidence }: Recovery): Row[] {
  const rows: Row[] = [];
  if (loss !== null && floor !== null) {
    rows.push(['loss', `${shown(loss)} of the outputs' variance; rounding explains ${shown(floor)}`]);
  }
  const steps = (evidence.quanta ?? []).filter((quantum) => quantum > 0);
  if (steps.length > 0) {
    const step = shown(Math.max(...steps));
    rows.push(['precision', `answers are rounded to multiples of ${step}, which is taken into account`]);
  }
  const { certificate, mended, pairs, subspace, clustering } = evidence;
  if (certificate !== undefined) {
    const fresh = pairs === undefined ? 'fresh queries' : 'pairs that nothing was fitted to';
    rows.push(...certificateRows(certificate, fresh));
  }
  if (mended !== undefined) rows.push(['mended', describeMended(mended)]);
  if (pairs !== undefined) rows.push(['pairs', describePairs(pairs)]);
  if (certificate !== undefined) rows.push(...unseenRows(certificate));
  if (evidence.placed !== undefined) rows.push(['inputs', describeFrame(evidence.placed)]);
  if (evidence.clipped !== undefined) rows.push(['inputs', describeClips(evidence.clipped)]);
  if (subspace !== undefined) {
    const { rank, inputDimension: d } = subspace;
    rows.push([
      'subspace',
      `the answers change in ${rank} of ${d} dimensions: students were trained in those`,
    ]);
  }
  rows.push(['students', describeStudents(evidence.students)]);
  if (clustering !== undefined) {
    rows.push(['clusters', describeClusters(clustering)]);
    rows.push(['deletions', describeDeletions(evidence.deletions ?? [])]);
  }
  return rows;
}

/** What the answers show badly, and what they do not show. */
function unseenRows({ unseen }: Certificate): Row[] {
  const lines = unseen.flatMap((layer, index) => {
    const where = unseen.length > 1 ? `hidden layer ${index + 1}: ` : '';
    return describeUnseen(layer).map((line) => `${where}${line}`);
  });
  return [
    ...lines.map((line, index): Row => [index === 0 ? 'unseen' : '', line]),
    ['equivalent', unseen[0].equivalents.join('; ')],
  ];
}

/** How it goes on, and what was written. */
function fileRows({ recovery, files }: RunResult): Row[] {
  const { unfinished } = recovery.evidence;
  const rows: Row[] = [];
  if (unfinished !== undefined) {
    const more = { time: 'more time', budget: 'a larger budget', memory: 'more memory, or fewer --threads,' }[
      unfinished.why
    ];
    rows.push(['goes on', `the same command with ${more} goes on from ${files.folder}`]);
  }
  rows.push(
    ['report', files.report],
    ['evidence', `what was kept or dropped, and why, is in ${files.recovery}`],
  );
  const written = [files.recovery, files.network, files.safetensors, files.npz, files.json].filter(
    (file) => file !== null,
  );
  return [...rows, ...written.map((file, index): Row => [index === 0 ? 'files' : '', file])];
}

const shown = (value: number) => value.toExponential(1);
const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function describePairs({ count, constant }: NonNullable<Recovery['evidence']['pairs']>): string {
  const still = constant.length > 0 ? `; ${listNumbers('input', constant)} never changed` : '';
  return `${count} given, no query asked${still}`;
}

function describeMended({ before, after }: NonNullable<Recovery['evidence']['mended']>): string {
  return `answers contradicted ${before.join('-')} neurons; where they did, more was asked, and ${after.join('-')} were found`;
}

function describeActivation({ activation, network, equivalentActivations }: Recovery): string {
  const each = network?.slopes?.map((slopes) => [...slopes].map((one) => one.toPrecision(6)).join(', '));
  const one = activation === 'leaky_relu' ? `, slope ${network?.slope}` : '';
  const slope = each === undefined ? one : `, slopes ${each.join('; ')}`;
  const same = equivalentActivations.join(', ');
  const name = network ? activationText(network) : activation;
  return `${name}${slope}${same && ` (with other weights the same function: ${same})`}`;
}

/** Layers whose sums are normalised, and what that removes. */
function describeNorms(norms: NonNullable<Network['norms']>): string {
  const layers = norms.flatMap((norm, index) => (norm === null ? [] : [index + 1]));
  const which = norms.length > 1 ? ` of ${listNumbers('hidden layer', layers)}` : '';
  return `the sums${which}, over the layer: what all incoming vectors have in common, and their length, shows in no answer, so they sum to 0`;
}

/** What the target applies to its last sums, and what of them no answer shows. */
function describeHead({ name, lower, upper }: Head): string {
  if (hasFreeShift({ name })) {
    return `${name}: what is added to all its sums alike shows in no answer, so weights and biases of the last layer sum to 0 over the outputs`;
  }
  if (name === 'sigmoid') return name;
  const ranges = new Set(Array.from(lower, (low, k) => `${low} to ${upper[k]}`));
  return `${name}, ${[...ranges].join('; ')}`;
}

function describeRivals({ tried, equal, ruledOut }: NonNullable<Recovery['evidence']['rivals']>): string {
  const outcome = equal.length > 0 ? `${equal.join(', ')} fit as well` : 'none fits';
  const others =
    ruledOut.length > 0
      ? `; ${ruledOut.length} ruled out by the far field or by what single neurons showed`
      : '';
  return `${counted(tried.length, 'other activation')} tried at this width: ${outcome}${others}`;
}

function certificateRows(
  {
    heldOut,
    region,
    answers,
    identifiability,
    minimal,
    leastDeletionFactor,
    agreement,
    ...more
  }: Certificate,
  fresh: string,
): [string, string][] {
  const { fullRank, condition, largestRelativeError, byProducts } = identifiability;
  const estimated = more.estimatedDeletions;
  return [
    [
      'held-out',
      `relative error ${shown(heldOut.relativeError)}, largest error ${shown(heldOut.maxError)} on ${heldOut.count} ${fresh}; rounding explains ${shown(heldOut.floor)}`,
    ],
    ['region', describeRegion(region)],
    ['answers', describeAnswers(answers)],
    [
      'weights',
      fullRank
        ? `determined by the data: largest standard error ${shown(largestRelativeError)} of its neuron, condition ${shown(condition)}${describeProducts(byProducts)}`
        : (byProducts?.open ?? 'not all determined by the data: other weights nearby fit as well'),
    ],
    [
      'minimal',
      minimal
        ? `yes: leaving any neuron out raises the loss at least ${shown(leastDeletionFactor)} times${estimated ? `, for ${estimated} of them by JᵀJ` : ''}`
        : 'not shown: the deletion tests did not find every neuron needed',
    ],
    [
      'agreement',
      `${agreement.agreeing} of ${counted(agreement.students, 'student')} at the floor contain every neuron`,
    ],
  ];
}

/** How the weights of a large network were judged, in words. */
function describeProducts(byProducts: Identifiability['byProducts']): string {
  if (byProducts === undefined) return '';
  const { probes, products, mostCondition } = byProducts;
  return ` (estimates from ${probes} random directions and ${products} products with JᵀJ; the condition is at most ${shown(mostCondition)})`;
}

function describeStudents(students: readonly (Student | DeepStudent)[]): string {
  const widths = students.flatMap(({ shape }) => ('widths' in shape ? [] : [shape.hidden]));
  const range =
    widths.length > 0
      ? ` of width ${[...new Set([Math.min(...widths), Math.max(...widths)])].join('…')}`
      : '';
  const deep = students.flatMap(({ shape }) => ('widths' in shape ? [shape.widths.length] : []));
  const count = deep.filter((layers) => layers > 1).length;
  const normalised = deep.length - count;
  const several = `${count > 0 ? `, ${count} with several hidden layers` : ''}${normalised > 0 ? `, ${normalised} behind a normalisation` : ''}`;
  const atFloor = students.filter((student) => student.atFloor).length;
  return `${students.length} trained${range}${several}, ${atFloor} at the floor`;
}

function describeClusters({ students, clusters }: Clustering): string {
  const kept = clusters.filter((cluster) => cluster.kept).length;
  return `${kept} kept, ${clusters.length - kept} dropped, from ${counted(students.length, 'student')}`;
}

function describeDeletions(deletions: readonly Deletion[]): string {
  const removed = deletions.filter((deletion) => deletion.removed).length;
  return `${counted(removed, 'superfluous neuron')} dropped, ${deletions.length - removed} needed`;
}
