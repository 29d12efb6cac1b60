import { alignColumns } from '../base/align-columns.js';
import type { Calibration } from './calibration.js';
import { type ExpansionRecord, expansionStudents } from './run-expansion.js';
import type { SuiteRecord } from './run-problem.js';
import type { ExpansionSummary, SuiteSummary } from './summary.js';

/** What a suite was asked, for its heading. */
export interface SuiteAsked {
  readonly family: string;
  readonly seed: number;
  readonly noise: number;
  readonly given: boolean;
}

/** A record in a few words. */
export function describeRecord(record: SuiteRecord): string {
  const { d, r, seed, verdict, exact, falselyIdentified, maxWeightError, seconds } = record;
  const outcome = falselyIdentified ? 'FALSELY identified' : `${verdict}, ${exact ? 'exact' : 'not exact'}`;
  const error = maxWeightError === null ? '' : `, largest weight error ${shown(maxWeightError)}`;
  return `d ${d}, r ${r}, seed ${seed}: ${outcome}${error}, ${seconds.toFixed(1)} s`;
}

/** A record of an expansion measurement in a few words. */
export function describeExpansion(record: ExpansionRecord): string {
  const { d, r, seed, expansion, atFloor, students, recovered, seconds } = record;
  const outcome = recovered ? 'recovered' : 'not recovered';
  return `ρ ${expansion}, d ${d}, r ${r}, seed ${seed}: ${atFloor} of ${students} students at the floor, ${outcome}, ${seconds.toFixed(1)} s`;
}

/** A suite for people: exact recoveries cell by cell, the sums, then whatever is not exact, with its reason. */
export function suiteLines(
  { family, seed, noise, given }: SuiteAsked,
  activation: string,
  records: readonly SuiteRecord[],
  summary: SuiteSummary,
): string[] {
  const told = given ? 'told to the recovery' : 'not told';
  const noisy = noise > 0 ? `, noise ${noise}` : '';
  const others = records.filter((record) => !record.exact || record.falselyIdentified);
  return [
    `${activation} (${told}), ${family} family, problem seeds from ${seed}${noisy}`,
    '',
    ...grid('exact of all', records, (own) => `${own.filter((record) => record.exact).length}/${own.length}`),
    '',
    ...alignColumns([
      ['exact', `${summary.exact} of ${summary.total}`],
      ['identified', String(summary.identified)],
      ['falsely identified', String(summary.falselyIdentified)],
      ['largest error', describeLargestError(records)],
      ['standard errors', describeCalibration(summary.calibration)],
      ['queries', String(summary.queries)],
      ['seconds', summary.seconds.toFixed(1)],
    ]),
    '',
    ...others.flatMap((record) => [describeRecord(record), `  ${record.reason}`]),
    ...(others.length > 0 ? [''] : []),
  ];
}

/** One row for each suite of several. */
export function overviewLines(
  summaries: readonly (SuiteSummary & { readonly activation: string })[],
): string[] {
  const rows = summaries.map(
    ({ activation, exact, total, identified, falselyIdentified, calibration, queries, seconds }) => [
      activation,
      `${exact}/${total}`,
      ...[identified, falselyIdentified].map(String),
      calibration === null ? '-' : `${percent(calibration.shareWithin3, 1)} %`,
      calibration === null ? '-' : calibration.rmsZ.toFixed(2),
      String(queries),
      seconds.toFixed(1),
    ],
  );
  const head = ['activation', 'exact', 'identified', 'falsely', 'within 3 SE', 'rms z', 'queries', 'seconds'];
  return alignColumns([head, ...rows]);
}

/** An expansion measurement for people. */
export function expansionLines(
  activation: string,
  records: readonly ExpansionRecord[],
  summaries: readonly ExpansionSummary[],
  file: string,
): string[] {
  const { count, spread } = expansionStudents;
  const rows = summaries.map(({ expansion, problems, shareAtFloor, shareRecovered, seconds }) => [
    String(expansion),
    String(problems),
    `${percent(shareAtFloor, 1)} %`,
    `${percent(shareRecovered, 1)} %`,
    seconds.toFixed(1),
  ]);
  const maps = summaries.flatMap(({ expansion }) => {
    const own = records.filter((record) => record.expansion === expansion);
    const share = (cell: readonly ExpansionRecord[]) =>
      percent(cell.reduce((sum, { atFloor }) => sum + atFloor, 0) / (count * cell.length));
    return ['', ...grid(`ρ = ${expansion}`, own, (cell) => `${share(cell)} %`)];
  });
  return [
    `${activation}: ${count} students a problem from random starts, spread ${spread}`,
    '',
    ...alignColumns([
      ['ρ', 'problems', 'students at the floor', 'problems recovered', 'seconds of work'],
      ...rows,
    ]),
    ...maps,
    '',
    `map: ${file}`,
    '',
  ];
}

/** A table of cells, a row for each d and a column for each r. */
function grid<T extends { readonly d: number; readonly r: number }>(
  corner: string,
  records: readonly T[],
  show: (cell: readonly T[]) => string,
): string[] {
  const rows = [...new Set(records.map(({ d }) => d))];
  const widths = [...new Set(records.map(({ r }) => r))];
  return alignColumns([
    [corner, ...widths.map((r) => `r = ${r}`)],
    ...rows.map((d) => [
      `d = ${d}`,
      ...widths.map((r) => show(records.filter((record) => record.d === d && record.r === r))),
    ]),
  ]);
}

function describeLargestError(records: readonly SuiteRecord[]): string {
  const errors = records.flatMap((record) => (record.exact ? (record.maxWeightError ?? []) : []));
  return errors.length === 0 ? '-' : `${shown(Math.max(...errors))} among the exact`;
}

function describeCalibration(calibration: Calibration | null): string {
  if (calibration === null) return '-';
  const { weights, shareWithin3, rmsZ, largestZ } = calibration;
  return `${percent(shareWithin3, 2)} % of ${weights} weights within 3 of them, rms z ${rmsZ.toFixed(2)}, largest ${largestZ.toFixed(1)}`;
}

const shown = (value: number) => (value === 0 ? '0' : value.toExponential(1));
const percent = (share: number, digits = 0) => (100 * share).toFixed(digits);
