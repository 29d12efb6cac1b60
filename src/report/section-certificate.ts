import { describeAnswers, describeRegion } from '../certify/describe-region.js';
import { isAtFloor, largestAcceptedError } from '../certify/judge.js';
import { describePaths } from '../network/path-names.js';
import type { StoredCertificate, StoredRecovery } from '../run/recovery-schema.js';
import { allowedError } from './figures-held-out.js';
import { escapeHtml, formatNumber, table } from './html.js';

/** What each verdict claims, for someone who sees it for the first time. */
const meanings = {
  identified:
    'The weights below are those of the target, up to what no question can ever tell: the order of the neurons and the symmetries of the activation.',
  imitated:
    'The network below answers as the target does, but its weights need not be the target’s: other networks may do the same.',
  failed: 'No network was found. What was tried is below.',
} as const;

/** The verdict in a box, with its reason. */
export function verdictBox({ verdict, reason }: StoredRecovery): string {
  return `<section class="verdict ${verdict}" aria-label="Verdict"><strong>${verdict[0].toUpperCase()}${verdict.slice(1)}</strong><p>${escapeHtml(reason[0].toUpperCase() + reason.slice(1))}.</p><p>${meanings[verdict]}</p></section>`;
}

/** The figures by which a run is known at a glance. */
export function keyFacts(recovery: StoredRecovery): string {
  const { network, activation, queries, seconds, heldOut, evidence } = recovery;
  const facts: [string, string][] = [];
  if (network !== null) {
    facts.push([
      'Widths',
      [network.layers[0].inputs, ...network.layers.map((layer) => layer.outputs)].join('-'),
    ]);
    facts.push([
      'Activation',
      `${activation}${activation === 'leaky_relu' ? `, slope ${formatNumber(network.slope)}` : ''}`,
    ]);
    if (network.norms?.some((norm) => norm !== null)) {
      facts.push(['Normalised', 'the sums of the hidden layer, before its activation']);
    }
    if (network.head !== undefined) facts.push(['Head', nameHead(network.head)]);
    if (network.paths !== undefined) facts.push(['Paths', describePaths(network)]);
  }
  facts.push(['Queries', formatNumber(queries)], ['Seconds', seconds.toFixed(1)]);
  if (heldOut !== null) facts.push(['Held-out error', `${formatNumber(heldOut.relativeError)} relative`]);
  facts.push([
    'Students',
    `${evidence.students.filter((one) => one.atFloor).length} of ${evidence.students.length} at the floor`,
  ]);
  return `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`;
}

/** The head, with the limits of those that have some. */
function nameHead({
  name,
  lower,
  upper,
}: NonNullable<NonNullable<StoredRecovery['network']>['head']>): string {
  if (lower.length === 0) return name;
  const ranges = Array.from(lower, (low, k) => `${formatNumber(low)} to ${formatNumber(upper[k])}`);
  return `${name}, ${[...new Set(ranges)].join('; ')}`;
}

const mark = (passed: boolean, text: string) => `<span class="${passed ? 'pass' : 'fail'}">${text}</span>`;

/** The region that the verdict holds for, and the run's own answers. */
function regionRows({ region, answers }: StoredCertificate): string[][] {
  if (region === undefined || answers === undefined) return [];
  const off = region.shells.filter((shell) => shell.contradicted > 0);
  const where = off.map(({ kind, size, contradicted }) => `${contradicted} ${kind} at ${formatNumber(size)}`);
  return [
    [
      'Region',
      mark(off.length === 0, escapeHtml(describeRegion(region))),
      `What the verdict holds for. ${off.length === 0 ? 'Fresh answers of every kind and size are reproduced' : `Not reproduced: ${escapeHtml(where.join(', '))}`}; nothing is claimed outside.`,
    ],
    [
      'All answers of the run',
      mark(answers.contradicted === 0, `${formatNumber(answers.contradicted)} contradict`),
      `${escapeHtml(describeAnswers(answers))}; each within its own rounding, the noise and the weights’ standard errors.`,
    ],
  ];
}

/** The certificate: every check with what was found and what it means. */
export function certificateSection({
  evidence,
  loss,
  floor,
  equivalentActivations,
  activation,
}: StoredRecovery): string {
  const { certificate, rivals } = evidence;
  if (certificate === undefined) {
    return '<p>There is no certificate: the recovery ended before there was a network to certify.</p>';
  }
  const rows: string[][] = [];
  if (loss !== null && floor !== null) {
    rows.push([
      'Loss',
      `${formatNumber(loss)} of the outputs’ variance`,
      `What is left on the samples that were fitted; ${escapeHtml(certificate.floorCause)} alone explains ${formatNumber(floor)}.`,
    ]);
  }
  rows.push(...checkRows(certificate, evidence.pairs !== undefined));
  if (rivals !== undefined && rivals.tried.length > 0) rows.push(rivalsRow(rivals));
  const same =
    equivalentActivations.length > 0
      ? `<p>With other weights, ${escapeHtml(equivalentActivations.join(', '))} gives the same functions as ${activation}: no question can tell them apart.</p>`
      : '';
  return `${table('What was checked', ['Check', 'Found', 'What it means'], rows)}${same}`;
}

/** The checks of a certificate, from the held-out answers on. */
function checkRows(certificate: StoredCertificate, isFromPairs: boolean): string[][] {
  const { heldOut, identifiability, minimal, leastDeletionFactor, agreement, floorCause } = certificate;
  const allowed = allowedError(heldOut);
  return [
    [
      isFromPairs ? 'Held-out pairs' : 'Held-out queries',
      mark(
        isAtFloor({ heldOut: { ...heldOut, allowed } }),
        `relative error ${formatNumber(heldOut.relativeError)}`,
      ),
      `On ${formatNumber(heldOut.count)} ${isFromPairs ? 'pairs' : 'fresh questions'} that nothing was fitted to; ${escapeHtml(floorCause)} and the weights’ standard errors explain ${formatNumber(heldOut.expected)}, up to ${formatNumber(allowed)} is accepted. Largest error of one answer: ${formatNumber(heldOut.maxError)}.`,
    ],
    ...regionRows(certificate),
    [
      'Weights are determined',
      mark(
        identifiability.fullRank && identifiability.largestRelativeError <= largestAcceptedError,
        identifiability.fullRank
          ? `to ${formatNumber(identifiability.largestRelativeError)} of their neuron`
          : 'not all of them',
      ),
      identifiability.fullRank
        ? `No other weights nearby give these answers: the largest standard error of the ${formatNumber(identifiability.parameters)} weights relative to their neuron; up to ${largestAcceptedError} is accepted. Rounding is magnified ${formatNumber(identifiability.condition)} times on its way to the weights (condition).`
        : 'Other weights nearby give the same answers on these questions.',
    ],
    [
      'Minimal',
      mark(minimal, minimal ? `loss × ${formatNumber(leastDeletionFactor)}` : 'not shown'),
      'Each neuron was left out in turn and the others trained again; this is the least by which the loss grew.',
    ],
    [
      'Agreement',
      `${agreement.agreeing} of ${agreement.students} students`,
      'Students at the floor that contain every neuron that was found; behind known layers some began at neurons that others share. It is reported and does not decide.',
    ],
  ];
}

/** What other activations did. */
function rivalsRow(rivals: NonNullable<StoredRecovery['evidence']['rivals']>): string[] {
  const others = rivals.ruledOut.join(', ');
  const ruledOut =
    others && ` Ruled out by the far field or by what single neurons showed: ${escapeHtml(others)}.`;
  return [
    'Other activations',
    mark(
      rivals.equal.length === 0,
      rivals.equal.length === 0 ? 'none fits' : `${escapeHtml(rivals.equal.join(', '))} fit too`,
    ),
    `Tried at the same width: ${escapeHtml(rivals.tried.join(', '))}.${ruledOut}`,
  ];
}
