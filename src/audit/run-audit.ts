import type { Verdict } from '../certify/certificate.js';
import type { ActivationName } from '../network/activations.js';
import type { Target } from '../query/oracle.js';
import type { Environment, Recovery } from '../recovery.js';
import { type AttackSettings, attack } from './attack.js';
import {
  type Access,
  type AuditedTarget,
  type LadderOptions,
  planLadder,
  type Rung,
  type Unattempted,
  unattempted,
} from './ladder.js';
import { costOf, type HonestCost, type Measured, measure, type OwnModel } from './measure.js';

/** What one attack came to. */
export interface Outcome extends Measured {
  /** View and number of queries, as `--fail-if` names them; for pairs and bounds also how answers were come by. */
  readonly id: string;
  readonly view: string;
  readonly name: string;
  readonly access: Access;
  readonly part: Rung['part'];
  /** Most queries, or the number of pairs. */
  readonly budget: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly activation: ActivationName | null;
  readonly widths: readonly number[];
  readonly queries: number;
  readonly seconds: number;
  /** What ended it before its verdict; null where it came to one. */
  readonly endedBy: 'time' | 'budget' | 'memory' | null;
  /** True where an attack with more queries was allowed to ask and needed no more than these: it is the same one. */
  readonly isSameRun: boolean;
  /** What the queries cost, in the unit of the price; null without one. */
  readonly price: number | null;
  /** Of defences and roundings: what they cost those who use the model as it is meant. */
  readonly honest: HonestCost | null;
}

/** Everything that an audit found. */
export interface Audit {
  readonly outcomes: readonly Outcome[];
  readonly unattempted: readonly Unattempted[];
  /** Why the weights of the model could not be read, where they could not: then no neurons are counted. */
  readonly unreadable: string | null;
  readonly seconds: number;
}

/** What an audit needs. */
export interface AuditRequest {
  readonly ask: Target;
  readonly target: AuditedTarget;
  readonly settings: AttackSettings;
  readonly options: LadderOptions;
  /** Seconds for all attacks together. */
  readonly time: number;
  /** Price of 1,000 queries; null where there is none. */
  readonly price: number | null;
  /** Only measurements see it. */
  readonly model: OwnModel;
  readonly environment: Environment;
  /** Told before each attack: how many are made, and which is next. */
  readonly onRung?: (rung: Rung, number: number, of: number) => void;
}

/**
 * How the time is shared: the first attack decides most, those within bounds are the likeliest where inputs are in units
 * of their own, and those with few queries mostly end at once.
 */
const shares = { first: 4, bounds: 2, curve: 0.25, other: 1 };

/** With less than this many seconds left, an attack is not begun. */
const leastTime = 0.05;

/**
 * Attacks a target under everything on the ladder, one attack after the other, and measures each result against the
 * model itself. Attacks share the time: what one leaves goes to those after it. Throws what the target throws.
 */
export async function runAudit(request: AuditRequest): Promise<Audit> {
  const { ask, target, settings, options, time, price, model, environment } = request;
  const start = performance.now();
  const secondsSince = (from: number) => (performance.now() - from) / 1000;
  const rungs = planLadder(target, options);
  const outcomes: Outcome[] = [];
  const skipped: Unattempted[] = [];
  for (const [index, rung] of rungs.entries()) {
    const honest = await honestCost(rung, ask, model);
    const same = sameRun(rung, outcomes);
    if (same !== undefined) {
      outcomes.push({ ...same, ...named(rung), isSameRun: true, honest });
      continue;
    }
    const left = time - secondsSince(start);
    const weights = rungs.slice(index).map((one, i) => weightOf(one, index + i));
    const allowed = (left * weights[0]) / weights.reduce((sum, one) => sum + one, 0);
    if (allowed < leastTime) {
      const { id, name } = named(rung);
      skipped.push({ id, name, reason: 'not attempted: the time of the audit was over' });
      continue;
    }
    request.onRung?.(rung, index + 1, rungs.length);
    const begun = performance.now();
    const recovery = await attack(ask, rung, settings, allowed, environment);
    const seconds = Math.round(1000 * secondsSince(begun)) / 1000;
    const measured = measure(recovery.network, model, rung.view);
    outcomes.push({
      ...named(rung),
      ...whatCameOut(recovery),
      ...measured,
      seconds,
      isSameRun: false,
      price: price === null ? null : (price * recovery.queries) / 1000,
      honest,
    });
  }
  const seconds = Math.round(1000 * secondsSince(start)) / 1000;
  return {
    outcomes,
    unattempted: [...unattempted(target), ...skipped],
    unreadable: model.unreadable,
    seconds,
  };
}

function weightOf({ part, access }: Rung, place: number): number {
  if (place === 0) return shares.first;
  if (part === 'curve') return shares.curve;
  return access === 'bounds' ? shares.bounds : shares.other;
}

/** How a rung is called. */
function named({ view, access, budget, part }: Rung) {
  const how = access === 'bounds' ? '+bounds' : access === 'pairs' ? '+pairs' : '';
  const words =
    access === 'bounds' ? ', within the bounds of the data' : access === 'pairs' ? ', from given pairs' : '';
  return {
    id: `${view.id}${how},${budget}`,
    view: view.id,
    name: `${view.name}${words}`,
    access,
    part,
    budget,
  };
}

function whatCameOut(recovery: Recovery) {
  const { verdict, reason, activation, widths, queries, evidence } = recovery;
  return { verdict, reason, activation, widths, queries, endedBy: evidence.unfinished?.why ?? null };
}

/** An attack on the same view that might ask more and did not: a smaller budget would not have changed it. */
function sameRun({ view, access, budget }: Rung, outcomes: readonly Outcome[]): Outcome | undefined {
  if (access === 'pairs') return undefined;
  return outcomes.find(
    (one) =>
      one.access === access &&
      one.view === view.id &&
      !one.isSameRun &&
      one.budget > budget &&
      one.queries <= budget &&
      one.endedBy !== 'budget',
  );
}

/** What a rung's view changes for honest users; null where it shows all. */
async function honestCost(rung: Rung, ask: Target, model: OwnModel): Promise<HonestCost | null> {
  if (rung.access === 'pairs' || rung.view.isSoftmax || rung.part === 'curve') return null;
  const seen = await rung.view.see(ask)(model.inputs, model.count);
  return costOf(seen, model.answers, model.count);
}
