import type { Certificate } from '../certify/certificate.js';
import { relativesOf } from '../network/families.js';
import { widthsOf } from '../network/shape.js';
import type { ResolvedOptions } from '../options.js';
import type { OutputStatistics } from '../query/precision.js';
import type { Source } from '../query/source.js';
import { type DeepStudent, isOfOneLayer, type Network, type Student } from '../records.js';
import type { Evidence, Recovery } from '../recovery.js';

/** The recovery that found nothing, with its reason in words. */
export function failed(reason: string, source: Source, evidence: Evidence): Recovery {
  return {
    verdict: 'failed',
    reason,
    activation: null,
    equivalentActivations: [],
    widths: [],
    queries: source.queries,
    loss: null,
    floor: null,
    heldOut: null,
    network: null,
    evidence,
  };
}

/** What a network says of itself. */
export function describeFound(network: Network) {
  return {
    activation: network.activation,
    equivalentActivations: network.activations ? [] : relativesOf(network.activation),
    widths: network.layers.slice(0, -1).map((layer) => layer.outputs),
    network,
  };
}

/** What a certified network says of itself, whatever its depth. */
export function describeCertified(
  network: Network,
  { loss, floor, heldOut }: Certificate,
  source: Source,
  { scaledVariance }: OutputStatistics,
) {
  return {
    ...describeFound(network),
    queries: source.queries,
    loss: loss / scaledVariance,
    floor: floor / scaledVariance,
    heldOut: { maxError: heldOut.maxError, relativeError: heldOut.relativeError },
  };
}

/** The student with the lowest loss, as its widths and activation, and what it left of the variance, in words. */
function describeBest(students: readonly (Student | DeepStudent)[], scaledVariance: number): string {
  // a student may have run away: its loss is no number then
  const { shape, loss } = students.reduce((a, b) => (b.loss < a.loss || Number.isNaN(a.loss) ? b : a));
  const widths = widthsOf(shape);
  const noun = widths.length === 1 && widths[0] === 1 ? 'neuron' : 'neurons';
  return `the best, ${widths.join('-')} ${shape.activation} ${noun}, left ${(loss / scaledVariance).toExponential(1)} of the variance`;
}

const widestOf = (students: readonly Student[]) => Math.max(...students.map(({ shape }) => shape.hidden));

const describeShallow = (students: readonly Student[]) =>
  `${counted(students.length, 'student')} with one hidden layer of up to ${counted(widestOf(students), 'neuron')}`;

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The students that were tried, and what the best of those with one hidden layer left of the variance, in words. */
export function describeTried(
  students: readonly (Student | DeepStudent)[],
  scaledVariance: number | undefined,
): string {
  const shallow = students.filter(isOfOneLayer);
  const others = students.length - shallow.length;
  const parts = others > 0 ? [`${others} with several hidden layers or behind known ones`] : [];
  if (shallow.length > 0 && scaledVariance !== undefined) {
    const best = describeBest(shallow, scaledVariance);
    const what = describeShallow(shallow);
    parts.unshift(`${what} (${best})`);
  }
  return parts.length === 0 ? 'no students' : parts.join(', ');
}

/** What the search for students looked for, beside what `ResolvedOptions` says. */
export interface Searched {
  readonly depth: ResolvedOptions['depth'];
  /** Whether deeper networks were looked for. */
  readonly isDeepSearched: boolean;
}

/** Why no students reached the floor, or none of those that did became a network, in words. */
export function describeStalled(
  students: readonly (Student | DeepStudent)[],
  { scaledVariance }: Pick<OutputStatistics, 'scaledVariance'>,
  { depth, isDeepSearched }: Searched,
): string {
  const parts: string[] = [];
  const shallow = students.filter(isOfOneLayer);
  if (shallow.length > 0) {
    const atFloor = shallow.filter((student) => student.atFloor).length;
    const what = `of ${describeShallow(shallow)}`;
    parts.push(
      atFloor === 0
        ? `none ${what} reached the floor, ${describeBest(shallow, scaledVariance)}`
        : `${atFloor} ${what} reached the floor, but no network was made of them`,
    );
  }
  // of those behind known layers the inputs are others, and the losses too
  const deep = students.filter((student) => !isOfOneLayer(student) && (student.peeled ?? 0) === 0);
  const nearest = deep.length > 0 ? ` (${describeBest(deep, scaledVariance)})` : '';
  if (!isDeepSearched && depth !== 1) {
    parts.push(
      'no deeper network was looked for: there are too few samples for students with several hidden layers',
    );
  } else if (depth === 'auto')
    parts.push(`no deeper network was found${shallow.length > 0 ? ' either' : ''}${nearest}`);
  else if (depth > 1) parts.push(`no network with ${depth} hidden layers was found${nearest}`);
  if (parts.length === 0) parts.push('no student was trained');
  if (shallow.length > 0) parts.push('the target may be deeper or wider, or have another activation');
  return parts.join('; ');
}
