import type { StoredLayer, StoredRecovery } from './recovery-schema.js';

/** The evidence of every hidden layer that was recovered, first layer first. */
export function layersOf({ evidence }: StoredRecovery): StoredLayer[] {
  if (evidence.layers !== undefined) return evidence.layers;
  const { clustering, deletions, signs } = evidence;
  if (clustering === undefined) return [];
  return [{ clustering, ...(deletions && { deletions }), ...(signs && { signs }) }];
}
