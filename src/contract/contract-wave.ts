import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import type { Following } from '../probe/follow-budget.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import type { Dataset, DeepStudent } from '../records.js';
import { asResidual } from './as-residual.js';
import { areEnough } from './race-lanes.js';

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

/** The smallest network at the floor that students contract to. */
export async function contractAll(
  { students, dataset }: DeepStudents,
  wave: DeepWave,
  context: Search,
): Promise<Contracted | undefined> {
  const networks: PolishedDeep[] = [];
  for (const student of students) {
    const network = await contractStudent(student, dataset, context);
    if (network !== undefined) networks.push(network);
  }
  if (networks.length === 0) return undefined;
  const smallest = smallestOf(networks, wave);
  const residual = await asResidual(smallest.network, dataset, context);
  return residual === undefined ? smallest : { ...smallest, network: residual };
}

function smallestOf(networks: readonly PolishedDeep[], { widths, spread }: DeepWave): Contracted {
  const [network] = [...networks].sort(
    (a, b) => a.parameters.length - b.parameters.length || a.loss - b.loss,
  );
  const same = networks.filter(({ shape }) => shape.widths.join() === network.shape.widths.join());
  return {
    network,
    spread,
    from: widths,
    agreement: { students: networks.length, agreeing: same.length },
  };
}

/** Networks of leaky ReLU, whose slope was read off bends and held, may stay above the floor by this factor. */
const leakyFloors = 10;

async function contractStudent(
  { shape, parameters, loss }: DeepStudent,
  dataset: Dataset,
  { problem, attempt }: Search,
): Promise<PolishedDeep | undefined> {
  if (!(loss <= near * problem.statistics.scaledVariance)) return undefined;
  const floor = problem.task.tolerances.training;
  const { fitter, kernels } = attempt.environment;
  const contracted = await contract({ shape, parameters, loss }, dataset, { floor, fitter, kernels });
  // a slope below zero descends later, beside the weights
  const most = shape.slope === 0 ? floor : leakyFloors * floor;
  return contracted.loss <= most ? contracted : undefined;
}
