import type { Certificate } from './certify/certificate.js';
import { equivalentTo } from './expand/candidates.js';
import type { ResolvedOptions } from './options.js';
import type { OutputStatistics } from './query/precision.js';
import type { Source } from './query/source.js';
import { type DeepStudent, isShallow, type Network, type Student } from './records.js';
import type { Evidence, Recovery } from './recovery.js';

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
    equivalentActivations: equivalentTo(network.activation),
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

/** The students that were tried, and what the best of those with one hidden layer left of the variance, in words. */
export function describeTried(
  students: readonly (Student | DeepStudent)[],
  scaledVariance: number | undefined,
): string {
  const shallow = students.filter(isShallow).filter(({ peeled = 0 }) => peeled === 0);
  const others = students.length - shallow.length;
  const parts = others > 0 ? [`${others} with several hidden layers or behind known ones`] : [];
  if (shallow.length > 0 && scaledVariance !== undefined) {
    const best = shallow.reduce((a, b) => (b.loss < a.loss ? b : a));
    const left = (best.loss / scaledVariance).toExponential(1);
    const widest = Math.max(...shallow.map((student) => student.shape.hidden));
    parts.unshift(
      `${shallow.length} students with one hidden layer of up to ${widest} neurons (the best, ${best.shape.hidden} ${best.shape.activation} neurons, left ${left} of the variance)`,
    );
  }
  return parts.length === 0 ? 'no students' : parts.join(', ');
}

/** Why no students reached the floor, in words. */
export function describeStalled(
  students: readonly (Student | DeepStudent)[],
  { scaledVariance }: OutputStatistics,
  depth: ResolvedOptions['depth'],
): string {
  const shallow = students.filter(isShallow).filter(({ peeled = 0 }) => peeled === 0);
  const deeper =
    depth === 'auto'
      ? 'no deeper network was found either'
      : `no network with ${depth} hidden layers was found`;
  if (shallow.length === 0) return deeper;
  const best = shallow.reduce((a, b) => (b.loss < a.loss ? b : a));
  const relative = (best.loss / scaledVariance).toExponential(1);
  const widest = Math.max(...shallow.map((student) => student.shape.hidden));
  return (
    `none of ${shallow.length} students with one hidden layer of up to ${widest} neurons reached the floor, ` +
    `the best, ${best.shape.hidden} ${best.shape.activation} neurons, left ${relative} of the variance; ` +
    `${depth === 1 ? '' : `${deeper}; `}the target may be deeper or wider, or have another activation`
  );
}
