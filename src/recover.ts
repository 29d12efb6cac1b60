import { type Find, leavesOnlyWeightsOpen } from './agenda/finding.js';
import { search } from './agenda/search.js';
import { recoverBehindHead } from './agenda/search-heads.js';
import { describeClips } from './certify/describe-region.js';
import { assembleLayers } from './deep/assemble-layers.js';
import { finishWhole } from './deep/finish.js';
import type { Finished } from './ending/finished.js';
import { failed } from './ending/outcome.js';
import { restoreGrid } from './ending/restore-grid.js';
import { besideUnfinished, endEarly, limitTime } from './ending/unfinished.js';
import { certifyFinished, judgeFinished } from './ending/verdict.js';
import { type GridRule, resolveGrid } from './network/grid.js';
import { type RecoverOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { pose, probe } from './problem/pose.js';
import { type Attempt, openAttempt, type Problem } from './problem/problem.js';
import { askInsideBounds, cubeLimit, frameOf } from './query/bounds.js';
import { type FirstSight, lookFirst } from './query/first-sight.js';
import { gridAsSource } from './query/grid-source.js';
import { sourceInsideClips } from './query/inside-clips.js';
import { type PlaceOptions, placeSource } from './query/misplaced.js';
import { askOnGrid, placesOf } from './query/on-grid.js';
import { meterTarget, type Oracle, type Target } from './query/oracle.js';
import { queriesAsSource, type Source } from './query/source.js';
import type { Environment, Recovery } from './recovery.js';
import { finishedOf } from './shallow/finished.js';
import {
  besidePathWhereWanted,
  clusterReached,
  polishReconstructed,
  reconstructReached,
} from './shallow/from-students.js';

/**
 * Recovers a network from its answers alone: queries, overparameterised students, clustering of their neurons,
 * reconstruction, polish, certificate (Martinelli et al. 2024; method.md); layer by layer where it is deep.
 * Expected failures are verdicts, not exceptions. Throws `InputError` when an option is wrong or the target
 * answers with a wrong length or a number that is not finite.
 */
export async function recover(
  target: Target,
  options: RecoverOptions,
  environment: Environment,
): Promise<Recovery> {
  const settings = resolveOptions(options);
  const { inputDimension, budget, bounds, seed } = settings;
  const limited = limitTime(environment, settings.time);
  if (settings.grid) return recoverOnGrid(target, settings.grid, settings, limited);
  // the box is a cube to everything below; evidence but for the certificate stays in its coordinates
  const asked = bounds === null ? target : askInsideBounds(target, bounds);
  const limit = bounds === null ? undefined : cubeLimit;
  const oracle = meterTarget(asked, inputDimension, budget, limit, limited.stop, limited.memory);
  const frame = bounds === null ? undefined : frameOf(bounds);
  const usual = queriesAsSource(oracle, seed, frame);
  let seen: Promise<FirstSight | undefined> | undefined;
  const sight = () => {
    seen ??= lookFirst(usual, oracle, probe, seed);
    return seen;
  };
  return recoverFrom(usual, settings, limited, (source, isSuspected) =>
    placeOrBound(source, oracle, { seed, first: probe, sight, budget, isSuspected }),
  );
}

/** The source inside of the ranges to which the target clips its inputs, or where the answers happen. */
async function placeOrBound(source: Source, oracle: Oracle, how: PlaceOptions): Promise<Source> {
  const inside = how.isSuspected ? undefined : await sourceInsideClips(source, oracle, how);
  return inside ?? placeSource(source, oracle, how);
}

/** The same where inputs take some values alone: in coordinates of their grid, in which no direction is free. */
async function recoverOnGrid(
  target: Target,
  rules: readonly GridRule[],
  settings: ResolvedOptions,
  limited: Environment,
): Promise<Recovery> {
  const { inputDimension, budget, bounds, seed } = settings;
  const grid = resolveGrid(rules, inputDimension);
  const places = placesOf(grid, bounds);
  const { dimension, limit } = places;
  const asked = askOnGrid(target, places);
  const oracle = meterTarget(asked, dimension, budget, limit, limited.stop, limited.memory);
  return restoreGrid(await recoverFrom(gridAsSource(oracle, seed, grid, places), settings, limited), grid);
}

/** The same from any source of samples, which may be placed first: behind the head that it has, or those that it may have. */
export async function recoverFrom(
  source: Source,
  settings: ResolvedOptions,
  environment: Environment,
  place = async (own: Source, _isSuspected: boolean): Promise<Source> => own,
): Promise<Recovery> {
  const tryAt = async (act: (attempt: Attempt) => Promise<Recovery>, around = environment) => {
    const attempt = openAttempt(settings, around);
    try {
      return await act(attempt);
    } catch (error) {
      return endEarly(error, attempt.journal, settings, source);
    }
  };
  const recoverAt = (placed: Source) =>
    recoverBehindHead(placed, settings, environment, probe, (own, around) =>
      tryAt((attempt) => recoverNetwork(own, attempt), around),
    );
  const recovery = await tryAt(async () => {
    environment.onEvent?.({ kind: 'phase', phase: 'query' });
    const placed = await place(source, false);
    const first = await recoverAt(placed);
    const isLeft = first.verdict === 'imitated' && !(first.evidence.mended && leavesOnlyWeightsOpen(first));
    if (!isLeft || placed !== source || first.evidence.unfinished) return first;
    // what the usual queries show badly may be plain to see elsewhere, unless answers from there asked for it already
    environment.onEvent?.({ kind: 'phase', phase: 'query' });
    const elsewhere = await place(source, true);
    const second = elsewhere === source ? first : await recoverAt(elsewhere);
    return second.verdict === 'identified' ? second : besideUnfinished(first, second);
  });
  const { queries, queriesBy } = source;
  const { clipped } = recovery.evidence;
  const reason = clipped === undefined ? recovery.reason : `${recovery.reason}; ${describeClips(clipped)}`;
  return { ...recovery, reason, queries, evidence: { ...recovery.evidence, queriesBy } };
}

/**
 * One try at a source, in the steps of the method: whatever its depth, what the search finds is taken to its verdict, and
 * that tells whether the search goes on.
 */
async function recoverNetwork(asked: Source, attempt: Attempt): Promise<Recovery> {
  const posed = await pose(asked, attempt);
  if (posed.kind === 'nothing') return failed(posed.reason, asked, posed.evidence);
  if (posed.kind === 'too large') return recoverNetwork(posed.nearer, attempt);
  const { problem } = posed;

  const found = await search(problem, attempt, async (find) => {
    const finished = await finishFind(find, problem, attempt);
    if (typeof finished === 'string') return finished;
    const concluded = await certifyFinished(finished, problem, attempt);
    return judgeFinished(concluded, finished, problem, attempt);
  });
  if (found.kind === 'recovery') return found.recovery;
  return failed(found.reason, asked, attempt.journal.evidence());
}

/**
 * From what was found to a network after its last descent, by clustering, reconstruction and polish; the reason in words
 * where that is none.
 */
async function finishFind(find: Find, problem: Problem, attempt: Attempt): Promise<Finished | string> {
  if (find.kind === 'shallow') {
    const built = await besidePathWhereWanted(find.reached, problem, attempt, async (reached) => {
      const clustering = clusterReached(reached, attempt);
      const reconstructed = await reconstructReached(clustering, reached, problem, attempt);
      return polishReconstructed(reconstructed, problem, attempt);
    });
    return finishedOf(built, problem, attempt);
  }
  const assembled = find.kind === 'deep' ? await assembleLayers(find, { problem, attempt }) : find;
  return typeof assembled === 'string' ? assembled : finishWhole(assembled, { problem, attempt });
}

export type { Environment, Evidence, Phase, RecoverEvent, Recovery } from './recovery.js';
