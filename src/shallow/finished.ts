import { containsNeurons } from '../certify/agreement.js';
import type { Finished } from '../ending/finished.js';
import { deepShapeOf } from '../network/deep.js';
import { splitParameters } from '../network/shallow.js';
import type { Attempt, Problem } from '../problem/problem.js';
import type { Student } from '../records.js';
import type { LastDescent } from './finish.js';
import type { FromStudents } from './from-students.js';

/** A network with one hidden layer after its last descent in the records of any depth, with fresh pairs to hold it against. */
export async function finishedOf(
  built: FromStudents,
  { source }: Problem,
  { journal }: Attempt,
): Promise<Finished> {
  const { clustering, reconstruction, descent, rivals, spread } = built;
  const { incoming } = splitParameters(reconstruction.shape, reconstruction.parameters);
  const { signs } = descent.oriented;
  return {
    polished: {
      ...asDeep(descent),
      deletions: [reconstruction.deletions],
      tested: [incoming],
      agreement: agreementOf(incoming, built, journal.register.ofOneLayer()),
    },
    spread,
    heldOut: await source.drawHeldOut(),
    signs,
    holdAgainst: async () => rivals,
    evidenceOf: () => ({ clustering, signs }),
  };
}

/** The network in the records of any depth. */
function asDeep({ whole, descended, dataset, outside }: LastDescent) {
  const deep = ({ shape, parameters, loss }: LastDescent['descended']) => ({
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

/** Students at the floor of the same hypothesis, and how many of them contain every neuron (m × (k+1)). */
function agreementOf(
  incoming: Float64Array,
  { candidate, reached }: FromStudents,
  students: readonly Student[],
) {
  const atFloor = students
    .filter(({ shape }) => shape.activation === candidate.trained)
    .filter(({ shape }) => !candidate.path || shape.skip)
    .filter((student) => student.atFloor);
  const agreeing = atFloor.filter((student) => containsNeurons(student, incoming, reached.dataset)).length;
  return { students: atFloor.length, agreeing };
}
