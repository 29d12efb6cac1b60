import { deepBlocks } from '../network/deep.js';
import { unpeelIncoming } from '../peel/peeled.js';
import { descendToFloor, removeSuperfluousDeep } from '../polish/delete-deep.js';
import type { Search } from '../problem/problem.js';
import type { Dataset, DeepStudent, KnownLayer } from '../records.js';
import type { Together } from './descend-together.js';
import { loosened, peelFor } from './search-behind.js';

/**
 * The layers of a student with three hidden layers and more, without the neurons that it has too many (method.md §7):
 * it holds every layer of the target, and to train students behind its first layer again can fail where it has not. A
 * student that stalls near the floor comes down once its neurons too many are gone. `known` are the layers before its
 * inputs. Undefined where it has fewer layers or a skip path, whose signs are open, or stays above
 * the floor.
 */
export async function pruneStudent(
  student: DeepStudent,
  dataset: Dataset,
  known: readonly KnownLayer[],
  { problem, attempt }: Search,
): Promise<Together | undefined> {
  const { fitter } = attempt.training;
  if (student.shape.skip || student.shape.widths.length < fewestLayers) return undefined;
  const floor = loosened(problem).training;
  const variance = problem.statistics.scaledVariance;
  const near = await descendToFloor(student, dataset, { floor, variance }, fitter);
  if (!(near.loss <= floor)) return undefined;
  const { polished } = await removeSuperfluousDeep(near, dataset, floor, fitter);
  const { shape, parameters } = polished;
  const peeled = known.length > 0 ? await peelFor(known, problem) : undefined;
  const layers = deepBlocks(shape)
    .slice(0, -1)
    .map(({ at, rows, columns }, layer): KnownLayer => {
      const own = parameters.slice(at, at + rows * columns);
      const incoming = layer === 0 && peeled !== undefined ? unpeelIncoming(peeled, own) : own;
      const { activation, slope } = shape;
      return { activation, slope, inputs: columns - 1, incoming, oriented: true };
    });
  return {
    known: [...known, ...layers.slice(0, -1)],
    incoming: layers[layers.length - 1].incoming,
    widths: student.shape.widths,
  };
}

/** With two hidden layers, students behind the first one are sure and quick. */
const fewestLayers = 3;
