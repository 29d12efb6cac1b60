import { containsNeurons } from '../certify/agreement.js';
import { judge } from '../certify/judge.js';
import { hasMirroredPair } from '../certify/mirrored.js';
import { allDeletions, type Concluded, conclude } from '../ending/conclude.js';
import { describeCertified } from '../ending/outcome.js';
import type { Candidate } from '../expand/candidates.js';
import { deepShapeOf } from '../network/deep.js';
import { splitParameters } from '../network/shallow.js';
import { type Attempt, accuracyOf, type Problem } from '../problem/problem.js';
import { isShallow } from '../records.js';
import type { Recovery } from '../recovery.js';
import type { Finished } from './finish.js';
import type { FromStudents } from './from-students.js';

/** The certificate of a network with one hidden layer (method.md §9). */
export async function certifyShallow(
  built: FromStudents,
  problem: Problem,
  { settings, environment, journal }: Attempt,
): Promise<Concluded> {
  journal.enter('certify');
  const { reconstruction, finished, spread } = built;
  const { source, accuracy, whole } = problem;
  const { relativeError } = accuracy;
  const { fitter, kernels } = environment;
  const { incoming } = splitParameters(reconstruction.shape, reconstruction.parameters);
  return conclude(
    {
      ...asDeep(finished),
      deletions: [reconstruction.deletions],
      tested: [incoming],
      agreement: agreementOf(incoming, built, journal.students),
    },
    await source.drawHeldOut(),
    {
      seed: settings.seed,
      source,
      accuracy: accuracyOf(problem),
      relativeError,
      whole,
      spread,
      fitter,
      kernels,
    },
  );
}

/** The verdict on a certified network with one hidden layer, with everything that led to it. */
export function judgeShallow(
  { network, polished, certificate, mended }: Concluded,
  { clustering, finished, rivals, equal }: FromStudents,
  { source, statistics }: Problem,
  { journal }: Attempt,
): Recovery {
  const { signs } = finished.oriented;
  const mirrored = hasMirroredPair(polished.network) ? ({ kind: 'mirrored' } as const) : undefined;
  const equalNames = namesOf(equal);
  const { clustering: _, deletions: __, ...evidence } = journal.evidence();
  return {
    ...judge(certificate, polished.network.shape, mirrored ?? signs, equalNames),
    ...describeCertified(network, certificate, source, statistics),
    evidence: {
      ...evidence,
      clustering,
      deletions: allDeletions(polished),
      signs,
      rivals: { tried: namesOf(rivals.tried), equal: equalNames, ruledOut: namesOf(rivals.ruledOut) },
      ...(mended && { mended }),
      certificate,
    },
  };
}

/** The finished network in the records of any depth. */
function asDeep({ whole, descended, dataset, outside }: Finished) {
  const deep = ({ shape, parameters, loss }: Finished['descended']) => ({
    shape: deepShapeOf(shape),
    parameters,
    loss,
  });
  return {
    network: deep(descended),
    dataset,
    ...(outside && { lifted: { whole: deep(whole), ...outside } }),
  };
}

const namesOf = (candidates: readonly Candidate[]) => candidates.map(({ activation }) => activation);

/** Students at the floor of the same hypothesis, and how many of them contain every neuron (m × (k+1)). */
function agreementOf(
  incoming: Float64Array,
  { candidate, reached }: FromStudents,
  students: Attempt['journal']['students'],
) {
  const atFloor = students
    .filter(isShallow)
    .filter(({ shape, peeled = 0 }) => shape.activation === candidate.trained && peeled === 0)
    .filter(({ shape }) => !candidate.path || shape.skip)
    .filter((student) => student.atFloor);
  const agreeing = atFloor.filter((student) => containsNeurons(student, incoming, reached.dataset)).length;
  return { students: atFloor.length, agreeing };
}
