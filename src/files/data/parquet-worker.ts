import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../base/errors.js';
import type { ColumnChoice } from './columns.js';
import { tableFromParquet } from './parquet.js';

const { bytes, choice } = workerData as { bytes: Uint8Array; choice: ColumnChoice };
try {
  parentPort!.postMessage({ table: await tableFromParquet(bytes, choice) });
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  parentPort!.postMessage({ message: error.message });
}
