import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';
import { runFileNames } from '../run/run-folder.js';
import { layOutReport } from './page.js';
import { standalone } from './plot.js';
import { readReportData, type TruthPart } from './report-data.js';

/** Names of a report's page and of the folder of its figures, in a run folder. */
export const reportNames = { page: runFileNames.report, figures: 'figures' } as const;

/**
 * Writes the report of a run that came to its end into its folder: one page, and every figure as an SVG file.
 * With a truth, what was found is set beside it. Returns the page's path. Throws `InputError` when the folder
 * holds no such run or cannot be written.
 */
export async function writeReport(folder: string, truth?: TruthPart): Promise<string> {
  const { html, figures } = layOutReport(await readReportData(folder, truth));
  const page = join(folder, reportNames.page);
  const place = join(folder, reportNames.figures);
  try {
    await mkdir(place, { recursive: true });
    const names = figures.map(({ name }) => `${name}.svg`);
    for (const [index, { svg }] of figures.entries())
      await writeWhole(join(place, names[index]), standalone(svg));
    // those of an earlier report that this one does not have
    for (const name of await readdir(place)) {
      if (name.endsWith('.svg') && !names.includes(name)) await rm(join(place, name));
    }
    await writeWhole(page, html);
  } catch (error) {
    throw explainWriteFailure(page, error);
  }
  return page;
}
