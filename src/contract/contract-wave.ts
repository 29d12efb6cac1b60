import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import { isSmooth } from '../network/families.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { Following } from '../probe/follow-budget.js';
import type { Search } from '../problem/problem.js';
import { type ContractContext, contract, descendOn } from '../prune/contract.js';
import { hasAffine } from '../prune/turn-mirrored.js';
import { withoutLayer } from '../prune/without-layer.js';
import type { Dataset, DeepStudent } from '../records.js';
import { asResidual } from './as-residual.js';
import { areEnough } from './race-lanes.js';
import { settleSlope } from './settle-slope.js';

/** A network that students of one wave contracted to. */
export interface Contracted {
  readonly network: PolishedDeep;
  readonly spread: number;
  /** Hidden widths of the students before. */
  readonly from: readonly number[];
  /** Students that were contracted to the floor, and how many of them to these widths. */
  readonly agreement: { readonly students: number; readonly agreeing: number };
  /** Whether surfaces of both hidden layers' neurons were followed: then no other kind of network is behind the answers. */
  readonly isFollowed?: boolean;
  /** What following those of the second layer asked. */
  readonly following?: Following;
}

/** Students with a loss below this share of the variance are contracted. */
const near = 1e-5;

/** The smallest network at the floor that the first students of a wave contract to, so many of which are trained at once. */
export async function contractWave(
  wave: DeepWave,
  together: number,
  trainPart: (part: DeepWave, label: string) => Promise<DeepStudents>,
  context: Search,
): Promise<Contracted | undefined> {
  if (!areEnough(wave, context.problem.task)) return undefined;
  for (let first = 0; first < wave.students; first += together) {
    const part = { ...wave, students: Math.min(together, wave.students - first) };
    const found = await contractAll(await trainPart(part, `${first}`), wave, context);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A network that a student was contracted to, with the spread of the queries on which it came to the floor. */
interface ContractedStudent {
  readonly network: PolishedDeep;
  readonly spread: number;
}

/** Students of more hidden layers take long to be contracted: where one came to the floor, the others are left. */
const mostLayers = 2;

/** The smallest network at the floor that students contract to. */
export async function contractAll(
  { students, dataset }: DeepStudents,
  wave: DeepWave,
  context: Search,
): Promise<Contracted | undefined> {
  const found: ContractedStudent[] = [];
  for (const student of students) {
    const one = await contractStudent(student, dataset, wave, context);
    if (one === undefined) continue;
    found.push(one);
    if (wave.widths.length > mostLayers) break;
  }
  if (found.length === 0) return undefined;
  const smallest = smallestOf(found, wave);
  const residual = await asResidual(smallest.network, dataset, context);
  return residual === undefined ? smallest : { ...smallest, network: residual };
}

function smallestOf(found: readonly ContractedStudent[], { widths }: DeepWave): Contracted {
  const [{ network, spread }] = [...found].sort(
    ({ network: a }, { network: b }) => a.parameters.length - b.parameters.length || a.loss - b.loss,
  );
  const same = found.filter((one) => one.network.shape.widths.join() === network.shape.widths.join());
  return {
    network,
    spread,
    from: widths,
    agreement: { students: found.length, agreeing: same.length },
  };
}

/** Networks of leaky ReLU, whose slope was read off bends and held, may stay above the floor by this factor. */
const leakyFloors = 10;

/**
 * What ended above the floor, but no higher than so many times it, or with neurons that are affine at every sample, is
 * contracted again on wider queries: neurons that bend for none of the narrow ones stand in for each other there. Of softplus 7-6-4 (deep suite, 1) one of the second layer bends
 * where the first gives 12 in all: on queries of spread 1 students ended at 7-8-4 and four times the floor, on those of
 * spread 2 they came to 7-6-4.
 */
const widening = { floors: 1e4, factors: [2, 4] };

async function contractStudent(
  { shape, parameters, loss }: DeepStudent,
  dataset: Dataset,
  { spread }: DeepWave,
  { problem, attempt }: Search,
): Promise<ContractedStudent | undefined> {
  if (!(loss <= near * problem.statistics.scaledVariance)) return undefined;
  const { takeSamples, tolerances } = problem.task;
  const floor = tolerances.training;
  const { fitter, kernels } = attempt.environment;
  const contraction = { floor, fitter, kernels };
  // a slope below zero descends later, beside the weights
  const most = shape.slope === 0 ? floor : leakyFloors * floor;
  const student = await settleSlope({ shape, parameters, loss }, dataset, contraction);
  let network = await contractWhole(student, dataset, contraction);
  let found = network.loss <= most ? { network, spread } : undefined;
  if (!isSmooth(shape.activation) || (found && !hasAffine(network, dataset))) return found;
  for (const factor of widening.factors) {
    const wider = factor * spread;
    if (!(network.loss <= widening.floors * floor)) break;
    const samples = await takeSamples(wider, dataset.count);
    network = await contractWhole(await descendOn(network, samples, contraction), samples, contraction);
    if (network.loss > most) continue;
    found = { network, spread: wider };
    if (!hasAffine(network, samples)) break;
  }
  return found;
}

/** A student that lost neurons one after another, and whole layers that are affine at every sample. */
async function contractWhole(
  student: PolishedDeep,
  dataset: Dataset,
  contraction: ContractContext,
): Promise<PolishedDeep> {
  let network = await contract(student, dataset, contraction);
  for (let left = student.shape.widths.length; left > 0; left--) {
    const folded = await withoutLayer(network, dataset, contraction);
    if (folded === undefined) return network;
    network = await contract(folded, dataset, contraction);
  }
  return network;
}
