import type { CertaintyOutcome } from './run-certainty.js';
import type { CertaintyCalibration, CertaintySummary, KindSummary } from './summary.js';

const headings = [
  'kind',
  'count',
  'identified',
  'imitated',
  'failed',
  'false',
  'crashed',
  'over time',
  'median s',
  'max s',
];

/** The table of verdicts by kind, a row of cells each. */
export function kindRows(summary: CertaintySummary): string[][] {
  const row = (name: string, one: Omit<KindSummary, 'medianSeconds' | 'maxSeconds'>, seconds: string[]) => [
    name,
    ...[one.total, one.identified, one.imitated, one.failed, one.falselyIdentified, one.crashed].map(String),
    String(one.overTime),
    ...seconds,
  ];
  return [
    headings,
    ...Object.entries(summary.byKind).map(([kind, one]) =>
      row(kind, one, [one.medianSeconds.toFixed(2), one.maxSeconds.toFixed(1)]),
    ),
    row('all', summary, ['', '']),
  ];
}

/** The table of the standard errors, a row of cells for every kind of answers. */
export function calibrationRows({ calibration }: CertaintySummary): string[][] {
  if (calibration === null) return [];
  const row = (name: string, one: CertaintyCalibration) => [
    name,
    String(one.weights),
    ...[one.within1, one.within2, one.within3, one.within6].map((share) => `${(100 * share).toFixed(2)} %`),
    one.largest.toPrecision(3),
  ];
  return [
    ['answers', 'weights', 'within 1', 'within 2', 'within 3', 'within 6', 'largest'],
    ...Object.entries(calibration.byPrecision).map(([name, one]) => row(name, one)),
    row('all', calibration),
  ];
}

/** What has to be looked at, with the command that repeats each. */
export function caseLines(summary: CertaintySummary, seed: number): string[] {
  const lines = (title: string, cases: readonly CertaintyOutcome[]) =>
    cases.flatMap((one) => [
      `${title}: ${describeOutcome(one)}`,
      `  ${one.falsely ?? one.reason}`,
      `  eac suite certainty --seed ${seed} --only ${one.index}`,
    ]);
  return [
    ...lines('FALSELY identified', summary.falseCases),
    ...lines('crashed', summary.crashes),
    ...(summary.overTimeCases.length > 0 ? [`over time: ${summary.overTimeCases.join(', ')}`] : []),
  ];
}

/** A problem and how it ended, on one line. */
export function describeOutcome(one: CertaintyOutcome): string {
  const told = one.told === '' ? '' : `, told ${one.told}`;
  const found = one.activation === null ? '' : ` ${one.widths.join('-')} ${one.activation}`;
  const outcome = one.falsely === null ? one.outcome : 'FALSELY identified';
  return `${one.index} ${one.kind} (${one.variant}${told}): ${outcome}${found}, ${one.seconds.toFixed(1)} s`;
}
