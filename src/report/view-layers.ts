import type { Dataset } from '../records.js';
import type { StoredLayer, StoredRecovery, StoredStudent } from '../run/recovery-schema.js';
import { layersOf } from '../run/stored-layers.js';
import { type LayerView, viewLayer } from './layer-view.js';

/** The best student of every layer that has a tree to draw: its samples give the metric. */
export function bestOfLayers(recovery: StoredRecovery): StoredStudent[] {
  return layersOf(recovery).flatMap(({ clustering }) =>
    clustering !== undefined && reachesRoot(clustering) ? (bestOf(recovery, clustering) ?? []) : [],
  );
}

/** Every hidden layer of a recovery with its view, where there is a tree; `samplesOf` gives those of its best student. */
export function viewLayers(
  recovery: StoredRecovery,
  samplesOf: (student: StoredStudent) => Dataset | undefined,
): { readonly stored: StoredLayer; readonly view: LayerView | undefined }[] {
  return layersOf(recovery).map((stored, index) => {
    const { clustering } = stored;
    if (clustering === undefined || !reachesRoot(clustering)) return { stored, view: undefined };
    const best = bestOf(recovery, clustering);
    const view = viewLayer(index + 1, clustering, recovery.evidence.students, best && samplesOf(best));
    return { stored, view };
  });
}

type Stored = NonNullable<StoredLayer['clustering']>;

const bestOf = ({ evidence }: StoredRecovery, { students }: Stored) =>
  evidence.students.find((student) => student.index === students[0]);

/** Whether there is a tree to draw: large ones end at the highest cut that was tried. */
function reachesRoot({ linkage, clusters }: Stored): boolean {
  const leaves = clusters.reduce((sum, { members }) => sum + members.length, 0);
  return linkage.length >= 4 && linkage.length / 4 >= leaves - 1;
}
