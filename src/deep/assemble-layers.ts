import { containsNeurons } from '../certify/agreement.js';
import { clusterStudents } from '../cluster/cluster.js';
import type { Concluded } from '../ending/conclude.js';
import { splitParameters } from '../network/shallow.js';
import { assemble, type ResolveSigns } from '../peel/assemble.js';
import { polish, settle } from '../polish/polish.js';
import type { Search } from '../problem/problem.js';
import { reconstruct } from '../reconstruct/reconstruct.js';
import { type Oriented, resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import { resolveSigns } from '../reconstruct/signs.js';
import type { Clustering, Student } from '../records.js';
import type { Evidence } from '../recovery.js';
import type { Assembled } from './assembled.js';
import { residualBehind } from './residual-behind.js';
import type { DeepFind } from './search-surfaces.js';
import { turnBefore } from './turn-before.js';
import { turnByDescent } from './turn-by-descent.js';

/**
 * How right the answers are that a student learnt: what it left of them tells that of the layers before it too, and signs
 * must be explained as well. Of relu 6-8 and 4-4-4, softplus 6-8 and gelu 6-8 in float64 (deep suite, 31 and 2) this is
 * 7e-9 to 9e-8, and the right signs leave 2e-12 to 3e-10.
 */
const errorBehind = ({ loss }: Student, { accuracy, statistics }: Search['problem']): number =>
  Math.max(accuracy.relativeError, Math.sqrt(loss / statistics.scaledVariance));

/** What the next layer sees past a layer must be explained by its signs to this. Unmeasured. */
const pastError = 1e-3;

const signsPast: ResolveSigns = (skip, maps, half) => {
  const resolved = resolveSigns(skip, maps, half, pastError);
  return resolved.kind === 'resolved' ? resolved : undefined;
};

/**
 * Behind layers that are not yet exact a network without its superfluous neurons may end at so many times the loss: a
 * softplus target (deep suite, 10, three hidden layers) kept a neuron too many then, whose sign nothing told.
 */
const lossWithoutSuperfluous = 30;

/**
 * A path is that of a residual layer where it is so to this share of its weights: students behind a layer that was read
 * off the far field come to 1e-7 of them and better.
 */
const tiedWithin = 1e-4;

/**
 * From known layers and students behind them to a whole network: the last hidden layer is clustered and reconstructed
 * as in a network with one hidden layer, and all layers are put together (method.md §7). Returns the reason in words
 * where the pieces do not fit together. Where the last known layer is turned it begins anew, once: a turned layer is
 * not turned again.
 */
export async function assembleLayers(find: DeepFind, context: Search): Promise<Assembled | string> {
  const { problem, attempt } = context;
  const { fitter } = attempt.environment;
  const { students, dataset, candidate } = find.reached;
  const { clustering, incoming, settled, tolerance } = await lastLayerOf(find, context);
  const { spread } = students[0];
  const agreementOf = (neurons: Float64Array) => {
    const agreeing = students.filter((student) => containsNeurons(student, neurons, dataset)).length;
    return { students: students.length, agreeing };
  };
  const turnedBefore = await turnBefore(find.peeled, settled, { dataset, spread }, context);
  if (turnedBefore !== undefined) return assembleLayers({ ...find, ...turnedBefore }, context);
  const error = errorBehind(students[0], problem);
  const oriented = resolveMirrors(settled, candidate.activation, candidate.leaky, error);
  const isExplained = oriented.signs === undefined || oriented.signs.kind === 'resolved';
  const tied = isExplained ? undefined : residualBehind(find.peeled, settled, tiedWithin);
  if (tied !== undefined) {
    const signs = { kind: 'tied' } as const;
    return {
      ...{ kind: 'whole', network: tied.network, spread, signs, agreement: agreementOf(incoming) },
      evidenceOf: (concluded) => evidenceOf(find, clustering, signs, concluded),
    };
  }
  const turned = isExplained
    ? undefined
    : await turnByDescent(settled, find.peeled.layers, tolerance, dataset, fitter);
  if (!isExplained && turned === undefined) {
    return 'the signs of the last hidden layer cannot be told from what students have beside it';
  }
  const { signs, incoming: own } = turned ?? oriented;
  const behind =
    turned?.behind ?? (await polish(oriented.activation, oriented.slope, oriented.incoming, dataset, fitter));
  const assembled = assemble(find.peeled, behind, signsPast);
  if (assembled === undefined)
    return 'the signs of a hidden layer cannot be told from what the next one sees past it';

  return {
    kind: 'whole',
    network: assembled,
    spread,
    signs,
    agreement: agreementOf(own),
    evidenceOf: (concluded) => evidenceOf(find, clustering, signs, concluded),
  };
}

/** The last hidden layer, clustered and reconstructed as in a network with one, and settled with its path where it has one. */
async function lastLayerOf({ reached: { students, dataset } }: DeepFind, { problem, attempt }: Search) {
  const { fitter, kernels } = attempt.environment;
  attempt.journal.enter('cluster');
  const clustering = clusterStudents(students, dataset, kernels);
  attempt.journal.enter('reconstruct');
  const tolerance = Math.max(problem.task.tolerances.training, students[0].loss * lossWithoutSuperfluous);
  const last = await reconstruct(clustering.incoming, students[0], dataset, tolerance, fitter);
  const { incoming } = splitParameters(last.shape, last.parameters);
  const settled = last.shape.skip
    ? await settle(last.shape, incoming, dataset, fitter)
    : { shape: last.shape, parameters: incoming };
  return { clustering, incoming, settled, tolerance };
}

/** Everything that led to a network whose last hidden layer was clustered, behind others. */
function evidenceOf(
  find: DeepFind,
  clustering: Clustering,
  signs: Oriented['signs'],
  { polished }: Concluded,
): Partial<Evidence> {
  const { widths } = polished.network.shape;
  return {
    clustering,
    layers: [
      ...find.layers.map((layer, l) => ({ ...layer, deletions: polished.deletions[l] })),
      {
        how: 'clustered',
        neurons: widths[widths.length - 1],
        clustering,
        deletions: polished.deletions.at(-1)!,
        signs,
      },
    ],
    signs,
  };
}
