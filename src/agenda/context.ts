import type { DeepFinishContext } from '../deep/finish.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import type { Wave } from '../expand/expand.js';
import { scheduleFor } from '../expand/schedule.js';
import type { Attempt, Problem } from '../problem/problem.js';
import { scaleOutputs } from '../query/precision.js';

/** A problem and a try at it, as finders see them. */
export interface FinderContext extends DeepFinishContext {
  readonly candidates: readonly Candidate[];
  readonly schedule: readonly Wave[];
}

/** What finders see of a problem, in a try at it. */
export function finderContext(problem: Problem, { settings, environment, journal }: Attempt): FinderContext {
  const { source, whole, inside, subspace, rank, statistics, accuracy } = problem;
  const inputs = subspace?.rank ?? source.inputDimension;
  return {
    seed: settings.seed,
    inputs,
    outputs: source.outputDimension,
    available: source.available,
    takeSamples: async (spread, count) => scaleOutputs(await inside.take(spread, count), statistics.scales),
    fitter: environment.fitter,
    students: journal.students,
    ...(environment.onEvent && { onEvent: environment.onEvent }),
    source,
    collection: inside,
    whole,
    subspace,
    statistics,
    ...accuracy,
    activation: settings.activation,
    depth: settings.depth,
    candidates: candidatesFor(settings.activation),
    schedule: environment.schedule ?? scheduleFor(inputs, rank),
    environment,
    evidence: journal.evidence(),
    layers: journal.layers,
    enter: journal.enter,
    keep: journal.keep,
  };
}
