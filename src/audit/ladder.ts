import type { Target } from '../query/oracle.js';
import {
  asAnswered,
  inFloat32,
  noisy,
  probabilities,
  rounded as toDecimals,
  topOnly,
  type View,
} from './views.js';

/** How an outsider comes to answers: by asking, by asking inside of the bounds of the data, or by given pairs. */
export type Access = 'queries' | 'bounds' | 'pairs';

/** One thing that an outsider may have: what is seen of the answers, how they are come by, and how many. */
export interface Rung {
  readonly view: View;
  readonly access: Access;
  /** Most queries, or the number of pairs. */
  readonly budget: number;
  /** Why it is tried: for the ladder itself, the curves over queries, or a defence. */
  readonly part: 'ladder' | 'curve' | 'defence';
}

/** What is listed and not attempted, with the reason. */
export interface Unattempted {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

/** What is known of a target before it is attacked. */
export interface AuditedTarget {
  readonly outputs: number;
  /** The target evaluated in float32, where it can be. */
  readonly single?: Target | undefined;
  /** Whether its answers are probabilities already, or its user says that there is no softmax. */
  readonly head: 'probabilities' | 'none' | 'unknown';
  /** Deviations of its outputs over the held-out inputs. */
  readonly deviations: Float64Array;
  /** Number of pairs of the user's own traffic; 0 without a data file. */
  readonly pairs: number;
}

/** What the user asked for. */
export interface LadderOptions {
  /** Most queries of any attack. */
  readonly budget: number;
  readonly defend: boolean;
  /** A view and a number of queries that `--fail-if` names. */
  readonly asked?: { readonly view: string; readonly queries: number } | undefined;
}

/** Decimals to which answers are rounded, from the finest. */
const decimals = [6, 4, 3, 2];

/** Numbers of queries of the curves. */
const queryRungs = [100, 1000, 10_000, 100_000];

/** Most queries of an attack unless the user says otherwise. */
export const defaultBudget = 100_000;

/** Deviations of the noise that is tried as a defence, as shares of the outputs' deviations. */
const noiseShares = [1e-3, 1e-2];

/** The views of the ladder, from the one that shows most. */
export function viewsOf({ outputs, single, head }: AuditedTarget): View[] {
  const softmax = outputs > 1 && head === 'unknown' ? [probabilities] : [];
  return [asAnswered, inFloat32(single), ...decimals.map(toDecimals), ...softmax];
}

/** Every attack of an audit, in the order in which they are made: those that show most first. */
export function planLadder(target: AuditedTarget, options: LadderOptions): Rung[] {
  const { budget, asked } = options;
  const views = viewsOf(target);
  const [exact, coarse] = [views.slice(0, 2), views.slice(2)];
  // whoever has rows like the user's knows the bounds: what shows less is attacked in the likeliest way alone
  const likeliest: Access = target.pairs === 0 ? 'queries' : 'bounds';
  const by = (view: View, access: Access): Rung => ({
    ...{ view, access, part: 'ladder' },
    budget: access === 'pairs' ? target.pairs : budget,
  });
  const ladder = exact.map((view) => by(view, 'queries'));
  const given = target.pairs === 0 ? [] : exact.flatMap((view) => [by(view, 'bounds'), by(view, 'pairs')]);
  const rounded = coarse.map((view) => by(view, likeliest));
  const ways: readonly Access[] = target.pairs === 0 ? ['queries'] : ['queries', 'bounds'];
  const curve = views
    .slice(0, 2)
    .flatMap((view) => ways.map((access) => ({ view, access })))
    .flatMap(({ view, access }) =>
      queryRungs
        .filter((count) => count < budget)
        .map((count): Rung => ({ view, access, budget: count, part: 'curve' })),
    );
  const named = views.find(({ id }) => id === asked?.view);
  const wanted =
    named === undefined || asked === undefined || asked.queries >= budget
      ? []
      : [{ view: named, access: likeliest, budget: asked.queries, part: 'curve' } as const];
  const defences = options.defend
    ? defencesOf(target).map((view): Rung => ({ view, access: likeliest, budget, part: 'defence' }))
    : [];
  const all: Rung[] = [...ladder, ...given, ...rounded, ...curve, ...wanted, ...defences];
  return all.filter((rung, i) => all.findIndex((other) => isSame(rung, other)) === i);
}

/** Defences that are not on the ladder anyway. */
function defencesOf({ outputs, deviations }: AuditedTarget): View[] {
  const noises = noiseShares.flatMap((share) => [
    noisy(share, deviations, false),
    noisy(share, deviations, true),
  ]);
  return outputs > 2 ? [...noises, topOnly(Math.ceil(outputs / 2))] : noises;
}

const isSame = (a: Rung, b: Rung) =>
  a.view.id === b.view.id && a.access === b.access && a.budget === b.budget;

/** What outsiders may see and this program cannot recover from yet. */
export function unattempted({ outputs, head }: AuditedTarget): Unattempted[] {
  if (outputs < 2) return [];
  const reason = 'not attempted: this program recovers nothing from such answers yet, others may';
  return [
    ...(head === 'none' ? [] : [{ id: 'top-probability', name: 'the top probability alone', reason }]),
    { id: 'labels', name: 'labels alone', reason },
  ];
}
