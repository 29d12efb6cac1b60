import { basename, resolve } from 'node:path';
import type { NetworkComparison } from '../compare/compare-truth.js';
import type { Network } from '../records.js';
import { readRecovery } from '../run/read-recovery.js';
import type { StoredLayer, StoredRecovery, StoredStudent } from '../run/recovery-schema.js';
import { type RunRecord, readRunRecord } from '../run/run-record.js';
import { findSamples } from '../run/stored-samples.js';
import type { LayerView } from './layer-view.js';
import { bestOfLayers, viewLayers } from './view-layers.js';

/** A true network beside the one that was found. */
export interface TruthPart {
  readonly path: string;
  readonly network: Network;
  readonly comparison: NetworkComparison;
}

/** Everything that a report shows. */
export interface ReportData {
  /** Name of the run. */
  readonly name: string;
  readonly recovery: StoredRecovery;
  readonly record: RunRecord | undefined;
  readonly layers: readonly { readonly stored: StoredLayer; readonly view: LayerView | undefined }[];
  readonly truth: TruthPart | undefined;
}

/** Reads a run folder for its report; throws `InputError` when it holds no run that came to its end. */
export async function readReportData(folder: string, truth?: TruthPart): Promise<ReportData> {
  const recovery = await readRecovery(folder);
  const samples = new Map<StoredStudent, Awaited<ReturnType<typeof findSamples>>>();
  for (const best of bestOfLayers(recovery)) samples.set(best, await findSamples(folder, best));
  const layers = viewLayers(recovery, (student) => samples.get(student));
  return { name: basename(resolve(folder)), recovery, record: await readRunRecord(folder), layers, truth };
}
