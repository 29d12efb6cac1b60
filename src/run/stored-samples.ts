import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromNpz } from '../files/data/npz.js';
import type { Dataset } from '../records.js';
import { readStoredFit, storeFolderNames } from './fit-store.js';
import type { StoredStudent } from './recovery-schema.js';

/** The stored samples that a student was trained on; undefined where the run folder does not have them. */
export async function findSamples(folder: string, student: StoredStudent): Promise<Dataset | undefined> {
  const fits = join(folder, storeFolderNames.fits);
  for (const name of await readdir(fits).catch(() => [])) {
    if (!name.endsWith('.json')) continue;
    // most pieces are told apart by their loss, without parsing all their weights
    const text = await readFile(join(fits, name), 'utf8').catch(() => '');
    if (!text.includes(`"loss": ${student.loss}`)) continue;
    const fit = await readStoredFit(join(fits, name));
    if (fit === undefined || !isSame(fit.result.parameters, student.parameters)) continue;
    try {
      const bytes = await readFile(join(folder, storeFolderNames.samples, fit.samples));
      return tableFromNpz(bytes, {});
    } catch {
      return undefined; // whoever asks says what it does without
    }
  }
  return undefined;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
