import type { FailRule } from './fail-rule.js';
import type { Audit, Outcome } from './run-audit.js';

const counted = (n: number) => n.toLocaleString('en');

/** A number of seconds as people say it. */
const inSeconds = (seconds: number) => `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;

/** A number with two digits, or none where there is no number. */
export const short = (value: number | null): string =>
  value === null ? '-' : value === 0 ? '0' : value.toExponential(1);

/** What one attack came to, in a clause. */
export function describeOutcome(outcome: Outcome): string {
  const { verdict, neurons, weightError, functionError, endedBy } = outcome;
  const share = neurons === null ? '' : `${neurons.recovered} of ${neurons.of} neurons`;
  const answers = functionError === null ? '' : `answers to ${short(functionError)} of their deviation`;
  const weights =
    neurons !== null && neurons.recovered > 0 && weightError !== null
      ? `weights to ${short(weightError)}`
      : '';
  const parts = [share, weights, answers].filter((part) => part !== '').join(', ');
  const ended =
    endedBy === 'time'
      ? ' when its time was over'
      : endedBy === 'budget'
        ? ' when its queries were spent'
        : '';
  return parts === '' ? `nothing${ended}` : `${parts} (${verdict}${ended})`;
}

/** Answers closer than this to the model's, relative to their deviation, are the whole of it for those who use it. */
export const takenWithin = 1e-3;

/**
 * Whether an attack took the model: all of its neurons, or a network with its answers, whatever the verdict was and
 * however the attack ended.
 */
export const isTaken = ({ neurons, functionError }: Outcome) =>
  (neurons !== null && neurons.of > 0 && neurons.recovered === neurons.of) ||
  (functionError !== null && functionError <= takenWithin);

/**
 * What an audit found, in plain words: which limits would have stopped this attack and which would not. Says no more
 * than what was measured.
 */
export function describeAudit(audit: Audit): string[] {
  const { outcomes, unattempted, unreadable } = audit;
  const ladder = outcomes.filter(({ part }) => part !== 'defence');
  if (ladder.length === 0) return ['Nothing was attacked: the time was over before the first attack.'];
  const paragraphs = [
    takenBy(ladder, 'queries', ''),
    takenBy(ladder, 'bounds', ' within the bounds of the data'),
    [ofTraffic(ladder)],
    [defended(audit)],
  ];
  const late = outcomes.filter(({ endedBy, isSameRun }) => endedBy === 'time' && !isSameRun);
  const limits = [
    unreadable === null
      ? ''
      : `No neurons were counted, as the weights of the model could not be read (${unreadable}).`,
    'A limit that stopped this attack stopped this program, with this seed, in the time that it was given; it is no proof against others.',
    late.length === 0
      ? ''
      : `${late.length} of ${outcomes.filter(({ isSameRun }) => !isSameRun).length} attacks ended when their time was over: with more time they may come further.`,
    unattempted.length === 0
      ? ''
      : `Not attempted, so nothing is said of it: ${unattempted.map(({ name }) => name).join('; ')}.`,
  ];
  return [...paragraphs, limits]
    .map((sentences) => sentences.filter((sentence) => sentence !== '').join(' '))
    .filter((text) => text !== '');
}

const list = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** What is seen on a rung, without how it is asked. */
const seenOn = ({ name }: Outcome) => name.replace(/, (within the bounds of the data|from given pairs)$/, '');

/** What asking in one way came to: with the most queries from what shows most to what shows least, then with fewer. */
function takenBy(ladder: readonly Outcome[], access: Outcome['access'], where: string): string[] {
  const own = ladder.filter((one) => one.access === access);
  const [best, ...others] = own.filter(({ part }) => part === 'ladder');
  if (best === undefined) return [];
  const first = `Whoever may ask ${counted(best.budget)} queries${where} and sees answers in ${seenOn(best)} came away with ${describeOutcome(best)}, after ${counted(best.queries)} queries in ${inSeconds(best.seconds)}.`;
  return [first, coarser(others), queriesNeeded(own, [best, ...others])];
}

function coarser(asked: readonly Outcome[]): string {
  const [taken, kept] = [asked.filter(isTaken), asked.filter((one) => !isTaken(one))];
  const sentences = [];
  if (taken.length > 0) sentences.push(`The whole of it was taken from ${list(taken.map(seenOn))} too.`);
  if (kept.length > 0) {
    const each = kept.map((one) => `${seenOn(one)}: ${describeOutcome(one)}`).join('; ');
    sentences.push(`Not the whole of it came out of ${list(kept.map(seenOn))} (${each}).`);
  }
  return sentences.join(' ');
}

/** The largest number of queries that stopped the attack, and the smallest that did not, for each view of the curves. */
function queriesNeeded(asked: readonly Outcome[], most: readonly Outcome[]): string {
  const sentences = most.slice(0, 2).map((one) => {
    const own = asked.filter(({ view }) => view === one.view);
    const [taken, kept] = [own.filter(isTaken), own.filter((other) => !isTaken(other))].map((group) =>
      group.toSorted((a, b) => a.budget - b.budget),
    );
    if (taken.length === 0) return '';
    const least = taken[0];
    // what ended for want of time was not stopped by its queries
    const isStopped = ({ budget, endedBy }: Outcome) =>
      budget < least.budget && endedBy !== 'time' && endedBy !== 'memory';
    const stopped = kept.filter(isStopped).at(-1);
    const limit =
      stopped === undefined
        ? `no limit that was tried stopped it, down to ${counted(least.budget)}`
        : `a limit of ${counted(stopped.budget)} queries would have stopped it, with ${describeOutcome(stopped)}, and one of ${counted(least.budget)} would not`;
    return `In ${seenOn(one)} it needed ${counted(least.queries)} queries: ${limit}.`;
  });
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function ofTraffic(ladder: readonly Outcome[]): string {
  return ladder
    .filter(({ access }) => access === 'pairs')
    .map(
      (one) =>
        `The ${counted(one.budget)} rows of the data with their answers in ${seenOn(one)} alone give away ${describeOutcome(one)}.`,
    )
    .join(' ');
}

/** What defences let through, roundings among them, and what each costs honest users and the attacker. */
function defended(audit: Audit): string {
  if (audit.outcomes.every(({ part }) => part !== 'defence')) return '';
  const best = audit.outcomes.find((one) => one.access !== 'pairs' && isTaken(one));
  const tried = audit.outcomes.filter(
    ({ part, view }) => part === 'defence' || (part === 'ladder' && view.endsWith('-decimals')),
  );
  const sentences = tried.map((one) => {
    const cost =
      one.honest === null
        ? ''
        : ` It changes honest answers by ${short(one.honest.change)} of their deviation${decisions(one)}.`;
    const times =
      isTaken(one) && best !== undefined && best.queries > 0
        ? `, ${(one.queries / best.queries).toFixed(1)} times those in ${best.name}`
        : '';
    return `With ${one.name}: ${describeOutcome(one)}, after ${counted(one.queries)} queries${times}.${cost}`;
  });
  const days = daysUnderLimits(audit);
  if (days !== undefined) {
    const each = dailyLimits.map((limit, i) => `${counted(days.days[i])} under ${counted(limit)}`).join(', ');
    sentences.push(
      `The cheapest attack that took the whole asked ${counted(days.queries)} queries; under a limit of queries a day it takes so many days: ${each}.`,
    );
  }
  return sentences.join(' ');
}

const decisions = ({ honest }: Outcome) =>
  honest === null || honest.decisionsChanged === null
    ? ''
    : ` and ${(100 * honest.decisionsChanged).toFixed(2)} % of decisions`;

/** Numbers of queries a day of the rate limits that `--defend` reckons with. */
export const dailyLimits = [100, 1000, 10_000] as const;

/** How many days the cheapest attack that took the whole takes under each rate limit; undefined where none did. */
export function daysUnderLimits({ outcomes }: Audit): { queries: number; days: number[] } | undefined {
  const taken = outcomes.filter((one) => isTaken(one) && one.access !== 'pairs');
  if (taken.length === 0) return undefined;
  const queries = Math.min(...taken.map((one) => one.queries));
  return { queries, days: dailyLimits.map((limit) => Math.ceil(queries / limit)) };
}

/** What became of `--fail-if`, in a sentence. */
export function describeRule(
  { verdict, view, queries }: FailRule,
  outcome: Outcome,
  isBroken: boolean,
): string {
  const seen = `${verdict}@${view},${queries}`;
  if (isBroken)
    return `--fail-if ${seen} holds: the attack on ${outcome.name} came to ${outcome.verdict} (${outcome.queries} queries)`;
  return outcome.endedBy === 'time' || outcome.endedBy === 'memory'
    ? `--fail-if ${seen} is undecided: the attack ended for want of ${outcome.endedBy}`
    : `--fail-if ${seen} does not hold: the attack came to ${outcome.verdict}`;
}
