import { type Calibration, poolCalibrations } from './calibration.js';
import type { ExpansionRecord } from './run-expansion.js';
import type { SuiteRecord } from './run-problem.js';

/** What a suite comes to. */
export interface SuiteSummary {
  readonly total: number;
  readonly exact: number;
  readonly identified: number;
  readonly falselyIdentified: number;
  /** Wall-clock time. */
  readonly seconds: number;
  readonly queries: number;
  /** Of all problems whose neurons all have counterparts, every weight counting the same. */
  readonly calibration: Calibration | null;
}

/** Sums up the records of a suite that took `seconds` of wall-clock time. */
export function summariseSuite(records: readonly SuiteRecord[], seconds: number): SuiteSummary {
  const count = (of: (record: SuiteRecord) => boolean) => records.filter(of).length;
  return {
    total: records.length,
    exact: count((record) => record.exact),
    identified: count((record) => record.verdict === 'identified'),
    falselyIdentified: count((record) => record.falselyIdentified),
    seconds,
    queries: records.reduce((sum, record) => sum + record.queries, 0),
    calibration: poolCalibrations(records.flatMap((record) => record.calibration ?? [])),
  };
}

/** What students of one expansion factor come to. */
export interface ExpansionSummary {
  /** ρ */
  readonly expansion: number;
  readonly problems: number;
  readonly students: number;
  readonly shareAtFloor: number;
  readonly shareRecovered: number;
  /** Sum over the problems, whatever the number of threads. */
  readonly seconds: number;
}

/** Sums up the records of an expansion measurement, one summary for each ρ, in the order of the records. */
export function summariseExpansion(records: readonly ExpansionRecord[]): ExpansionSummary[] {
  return [...new Set(records.map(({ expansion }) => expansion))].map((expansion) => {
    const own = records.filter((record) => record.expansion === expansion);
    const sum = (of: (record: ExpansionRecord) => number) =>
      own.reduce((total, record) => total + of(record), 0);
    const students = sum((record) => record.students);
    return {
      expansion,
      problems: own.length,
      students,
      shareAtFloor: sum((record) => record.atFloor) / students,
      shareRecovered: own.filter((record) => record.recovered).length / own.length,
      seconds: Math.round(1000 * sum((record) => record.seconds)) / 1000,
    };
  });
}
