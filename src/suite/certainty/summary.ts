import { type CertaintyOutcome, type RatioCounts, ratioLimits } from './run-certainty.js';

/** What the problems of one kind, or all, came to. */
export interface KindSummary {
  readonly total: number;
  readonly identified: number;
  readonly imitated: number;
  readonly failed: number;
  readonly falselyIdentified: number;
  readonly crashed: number;
  readonly overTime: number;
  readonly medianSeconds: number;
  readonly maxSeconds: number;
}

/** Errors of the weights of identified networks in standard errors. */
export interface CertaintyCalibration {
  readonly weights: number;
  /** Shares of the weights within 1, 2, 3 and 6 standard errors. */
  readonly within1: number;
  readonly within2: number;
  readonly within3: number;
  readonly within6: number;
  readonly largest: number;
}

/** What a run of the suite comes to. */
export interface CertaintySummary extends Omit<KindSummary, 'medianSeconds' | 'maxSeconds'> {
  readonly byKind: Readonly<Record<string, KindSummary>>;
  /** Of all weights, and by what the answers are: float64, float32, digits, a grid, noise; null without any. */
  readonly calibration:
    | (CertaintyCalibration & { readonly byPrecision: Readonly<Record<string, CertaintyCalibration>> })
    | null;
  readonly falseCases: readonly CertaintyOutcome[];
  readonly crashes: readonly CertaintyOutcome[];
  /** Numbers of the problems without a verdict at the limit of time. */
  readonly overTimeCases: readonly number[];
}

/** Sums outcomes up as they come; keeps only the seconds and those that have to be looked at. */
export interface CertaintyTally {
  add(outcome: CertaintyOutcome): void;
  summary(): CertaintySummary;
}

interface KindTally {
  counts: Map<string, number>;
  falsely: number;
  seconds: number[];
}

/** A tally with nothing in it; `kinds` gives the order of the rows. */
export function tallyCertainty(kinds: readonly string[]): CertaintyTally {
  const tallies = new Map<string, KindTally>();
  const ratios = new Map<string, RatioCounts[]>();
  const cases = {
    falsely: [] as CertaintyOutcome[],
    crashes: [] as CertaintyOutcome[],
    overTime: [] as number[],
  };
  return {
    add(outcome) {
      const own: KindTally = tallies.get(outcome.kind) ?? { counts: new Map(), falsely: 0, seconds: [] };
      tallies.set(outcome.kind, own);
      own.counts.set(outcome.outcome, (own.counts.get(outcome.outcome) ?? 0) + 1);
      own.seconds.push(outcome.seconds);
      if (outcome.falsely !== null) {
        own.falsely++;
        cases.falsely.push(outcome);
      }
      if (outcome.outcome === 'crashed') cases.crashes.push(outcome);
      if (outcome.outcome === 'over time') cases.overTime.push(outcome.index);
      if (outcome.ratios !== null && outcome.falsely === null) {
        ratios.set(outcome.precision, [pool([...(ratios.get(outcome.precision) ?? []), outcome.ratios])]);
      }
    },
    summary() {
      const known = kinds.filter((kind) => tallies.has(kind));
      const byKind = Object.fromEntries(known.map((kind) => [kind, summariseKind([tallies.get(kind)!])]));
      const all = summariseKind([...tallies.values()]);
      const pooled = [...ratios].map(([name, counts]) => [name, shares(pool(counts))] as const);
      const calibration =
        pooled.length === 0
          ? null
          : { ...shares(pool([...ratios.values()].flat())), byPrecision: Object.fromEntries(pooled) };
      const byIndex = (a: CertaintyOutcome, b: CertaintyOutcome) => a.index - b.index;
      return {
        ...all,
        byKind,
        calibration,
        falseCases: cases.falsely.toSorted(byIndex),
        crashes: cases.crashes.toSorted(byIndex),
        overTimeCases: cases.overTime.toSorted((a, b) => a - b),
      };
    },
  };
}

function summariseKind(tallies: readonly KindTally[]): KindSummary {
  const count = (name: string) => tallies.reduce((sum, { counts }) => sum + (counts.get(name) ?? 0), 0);
  const seconds = tallies.flatMap((tally) => tally.seconds).sort((a, b) => a - b);
  return {
    total: seconds.length,
    identified: count('identified'),
    imitated: count('imitated'),
    failed: count('failed'),
    falselyIdentified: tallies.reduce((sum, { falsely }) => sum + falsely, 0),
    crashed: count('crashed'),
    overTime: count('over time'),
    medianSeconds: seconds[Math.floor(seconds.length / 2)] ?? 0,
    maxSeconds: seconds[seconds.length - 1] ?? 0,
  };
}

function pool(all: readonly RatioCounts[]): RatioCounts {
  return {
    weights: all.reduce((sum, { weights }) => sum + weights, 0),
    within: ratioLimits.map((_, i) => all.reduce((sum, { within }) => sum + within[i], 0)),
    largest: all.reduce((most, { largest }) => Math.max(most, largest), 0),
  };
}

function shares({ weights, within, largest }: RatioCounts): CertaintyCalibration {
  const [within1, within2, within3, within6] = within.map((count) => count / weights);
  return { weights, within1, within2, within3, within6, largest };
}
