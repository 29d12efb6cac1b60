import type { NetworkComparison } from '../certify/compare-truth.js';
import type { Network } from '../records.js';
import { layersOf, readRecovery } from '../run/read-recovery.js';
import type { StoredLayer, StoredRecovery } from '../run/recovery-schema.js';
import { type RunRecord, readRunRecord } from '../run/run-record.js';
import { findSamples } from '../run/stored-samples.js';
import { type LayerView, viewLayer } from './layer-view.js';

/** A true network beside the one that was found. */
export interface TruthPart {
  readonly path: string;
  readonly network: Network;
  readonly comparison: NetworkComparison;
}

/** Everything that a report shows. */
export interface ReportData {
  readonly folder: string;
  readonly recovery: StoredRecovery;
  readonly record: RunRecord | undefined;
  readonly layers: readonly { readonly stored: StoredLayer; readonly view: LayerView | undefined }[];
  readonly truth: TruthPart | undefined;
}

/** Reads a run folder for its report; throws `InputError` when it holds no run that came to its end. */
export async function readReportData(folder: string, truth?: TruthPart): Promise<ReportData> {
  const recovery = await readRecovery(folder);
  const { students } = recovery.evidence;
  const layers = [];
  for (const [index, stored] of layersOf(recovery).entries()) {
    const { clustering } = stored;
    if (clustering === undefined || !reachesRoot(clustering)) {
      layers.push({ stored, view: undefined });
      continue;
    }
    const best = students.find((student) => student.index === clustering.students[0]);
    const dataset = best && (await findSamples(folder, best));
    layers.push({ stored, view: viewLayer(index + 1, clustering, students, dataset) });
  }
  return { folder, recovery, record: await readRunRecord(folder), layers, truth };
}

/** Whether there is a tree to draw: large ones end at the highest cut that was tried. */
function reachesRoot({ linkage, clusters }: NonNullable<StoredLayer['clustering']>): boolean {
  const leaves = clusters.reduce((sum, { members }) => sum + members.length, 0);
  return linkage.length >= 4 && linkage.length / 4 >= leaves - 1;
}
