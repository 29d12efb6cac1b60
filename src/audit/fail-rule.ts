import { InputError } from '../base/errors.js';
import type { Verdict } from '../certify/certificate.js';
import type { Audit, Outcome } from './run-audit.js';

/** `--fail-if VERDICT@VIEW,QUERIES`: the audit fails when an attack comes to this verdict, or to a better one. */
export interface FailRule {
  readonly verdict: Exclude<Verdict, 'failed'>;
  readonly view: string;
  readonly queries: number;
}

/** Views that a rule may name. */
export const ruleViews = [
  'float64',
  'float32',
  '6-decimals',
  '4-decimals',
  '3-decimals',
  '2-decimals',
  'probabilities',
] as const;

/** Reads a rule; throws `InputError` that says how one is written. */
export function parseFailRule(text: string): FailRule {
  const [, verdict, view, queries] = /^(identified|imitated)@([\w-]+),(\d+(?:e\d)?)$/.exec(text) ?? [];
  const known = ruleViews.find((one) => one === view || one === `${view}-decimals`);
  if (verdict === undefined || known === undefined || !(Number(queries) >= 1)) {
    throw new InputError(
      `--fail-if must be VERDICT@PRECISION,QUERIES, as identified@float32,10000 (identified or imitated; ${ruleViews.join(', ')}), got '${text.slice(0, 80)}'`,
    );
  }
  return { verdict: verdict as FailRule['verdict'], view: known, queries: Number(queries) };
}

/** The attack that decides a rule that none breaks: its view, with as many queries. */
export function outcomeOf({ view, queries }: FailRule, { outcomes }: Audit): Outcome | undefined {
  const own = outcomes.filter((one) => one.view === view && one.access !== 'pairs');
  const exact = own.filter(({ budget }) => budget === queries);
  // within bounds and without: one that had too little time leaves it open
  if (exact.length > 0) return exact.find(({ endedBy }) => endedBy === 'time') ?? exact[0];
  // more than any attack might ask: the one with the most, unless its queries were the end of it
  const most = own.toSorted((a, b) => b.budget - a.budget)[0];
  return most !== undefined && most.budget <= queries && most.endedBy !== 'budget' ? most : undefined;
}

/**
 * The attack that a rule forbids, if one came so far: on its view, within bounds or without, with no more queries than it
 * names, whatever it was allowed.
 */
export function breakingOutcome(
  { verdict, view, queries }: FailRule,
  { outcomes }: Audit,
): Outcome | undefined {
  return outcomes.find(
    (one) =>
      one.view === view &&
      one.access !== 'pairs' &&
      one.queries <= queries &&
      (one.verdict === 'identified' || (verdict === 'imitated' && one.verdict === 'imitated')),
  );
}
