import { certify } from './certify/certify.js';
import { judge } from './certify/judge.js';
import { clusterStudents } from './cluster/cluster.js';
import { candidatesFor, equivalentTo } from './expand/candidates.js';
import { testRivals } from './expand/rivals.js';
import { scheduleFor } from './expand/schedule.js';
import { type SearchContext, searchStudents, TooFewSamples } from './expand/search.js';
import { finish } from './finish.js';
import { splitParameters } from './network/shallow.js';
import { type RecoverOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { toNetwork } from './polish/polish.js';
import { BudgetSpent, meterTarget, type Target } from './query/oracle.js';
import {
  affineLoss,
  measureOutputs,
  type OutputStatistics,
  scaleOutputs,
  tolerancesFor,
} from './query/precision.js';
import { queriesAsSource, type Source } from './query/source.js';
import { reconstruct } from './reconstruct/reconstruct.js';
import type { Student } from './records.js';
import type { Environment, Evidence, Phase, Recovery } from './recovery.js';

/** Spread of the points where Jacobians are measured: saturated neurons hardly show in them. */
const jacobianSpread = 1;

/** Spread of the first queries, and how many measure the outputs. */
const probe = { spread: 2, count: 300 };

/**
 * Recovers a network with one hidden layer from its answers alone: queries, overparameterised students,
 * clustering of their neurons, reconstruction, polish, certificate (Martinelli et al. 2024; method.md).
 * Expected failures are verdicts, not exceptions. Throws `InputError` when an option is wrong or the target
 * answers with a wrong length or a number that is not finite.
 */
export async function recover(
  target: Target,
  options: RecoverOptions,
  environment: Environment,
): Promise<Recovery> {
  const settings = resolveOptions(options);
  const oracle = meterTarget(target, settings.inputDimension, settings.budget);
  return recoverFrom(queriesAsSource(oracle, settings.seed), settings, environment);
}

/** The same from any source of samples. */
export async function recoverFrom(
  source: Source,
  settings: ResolvedOptions,
  environment: Environment,
): Promise<Recovery> {
  const students: Student[] = [];
  try {
    return await recoverShallow(settings, source, students, environment);
  } catch (error) {
    const evidence = { options: settings, students };
    if (error instanceof BudgetSpent) {
      return failed(`the query budget is too small: ${error.message}`, source, evidence);
    }
    if (error instanceof TooFewSamples) {
      return failed(`the data are too few: ${error.message}`, source, evidence);
    }
    throw error;
  }
}

async function recoverShallow(
  settings: ResolvedOptions,
  source: Source,
  students: Student[],
  environment: Environment,
): Promise<Recovery> {
  const { seed } = settings;
  const { fitter, kernels } = environment;
  const enter = (phase: Phase) => environment.onEvent?.({ kind: 'phase', phase });

  enter('query');
  const whole = source.collect();
  const probed = await whole.take(probe.spread, probe.count);
  const statistics = measureOutputs(probed);
  const evidence: Evidence = { options: settings, numberType: statistics.numberType, students };
  if (statistics.deviations.every((deviation) => deviation === 0)) {
    const reason = `the target is constant: ${probed.count} ${source.noun} gave the same answer, so no neuron leaves a trace`;
    return failed(reason, source, evidence);
  }
  const noise = await source.measureNoise(probed, statistics.scales);
  const tolerances = tolerancesFor(statistics, noise);
  if (affineLoss(scaleOutputs(probed, statistics.scales)) <= tolerances.training) {
    const reason = `the target is affine: ${probed.count} ${source.noun} are explained without any hidden neuron, so none leaves a trace`;
    return failed(reason, source, evidence);
  }
  const relativeError = Math.max(statistics.roundoff, Math.sqrt(noise / statistics.scaledSquare));
  const rowSpace = await source.findSubspace(jacobianSpread, relativeError);
  const subspace = typeof rowSpace === 'object' ? rowSpace : undefined;
  const rank = rowSpace === 'full' ? source.inputDimension : subspace?.rank;

  enter('expand');
  const collection = subspace === undefined ? whole : source.collect(subspace);
  const context: SearchContext = {
    seed,
    inputs: subspace?.rank ?? source.inputDimension,
    outputs: source.outputDimension,
    available: source.available,
    tolerances,
    takeSamples: async (spread, count) =>
      scaleOutputs(await collection.take(spread, count), statistics.scales),
    fitter,
    students,
    ...(environment.onEvent && { onEvent: environment.onEvent }),
  };
  const candidates = candidatesFor(settings.activation);
  const reached = await searchStudents(
    candidates,
    environment.schedule ?? scheduleFor(context.inputs, rank),
    context,
  );
  if (reached === undefined) return failed(describeStalled(students, statistics), source, evidence);

  enter('cluster');
  const clustering = clusterStudents(reached.students, reached.dataset, kernels);

  enter('reconstruct');
  const { dataset, candidate } = reached;
  const reconstruction = await reconstruct(
    clustering.incoming,
    reached.students[0],
    dataset,
    tolerances.training,
    fitter,
  );
  const { incoming } = splitParameters(reconstruction.shape, reconstruction.parameters);
  const rivals = candidates.filter((other) => other !== candidate);
  const { spread } = reached.students[0];
  const equal = await testRivals(
    rivals,
    { incoming, dataset, spread, activation: candidate.trained },
    context,
  );

  enter('polish');
  const finished = await finish(reconstruction.shape, incoming, candidate, {
    seed,
    source,
    subspace,
    whole,
    inside: collection,
    spread,
    statistics,
    noise,
    relativeError,
    fitter,
    nameIt: settings.activation === 'auto',
  });

  enter('certify');
  const { oriented, descended } = finished;
  const network = toNetwork(finished.whole, statistics.scales);
  const certificate = certify(
    {
      network,
      ...finished,
      heldOut: await source.drawHeldOut(),
      scales: statistics.scales,
      roundoff: statistics.roundoff,
      noise,
      students: students.filter((student) => student.shape.activation === candidate.trained),
      deletions: reconstruction.deletions,
      seen: { dataset, incoming },
    },
    kernels,
  );
  const widths = [descended.shape.hidden];
  return {
    ...judge(
      certificate,
      widths,
      oriented.signs,
      equal.map((rival) => rival.activation),
    ),
    activation: descended.shape.activation,
    equivalentActivations: equivalentTo(descended.shape.activation),
    widths,
    queries: source.queries,
    loss: descended.loss / statistics.scaledVariance,
    floor: certificate.floor / statistics.scaledVariance,
    heldOut: { maxError: certificate.heldOut.maxError, relativeError: certificate.heldOut.relativeError },
    network,
    evidence: {
      ...evidence,
      ...(subspace && { subspace }),
      clustering,
      deletions: reconstruction.deletions,
      signs: oriented.signs,
      rivals: {
        tried: rivals.map((rival) => rival.activation),
        equal: equal.map((rival) => rival.activation),
      },
      certificate,
    },
  };
}

function failed(reason: string, source: Source, evidence: Evidence): Recovery {
  return {
    verdict: 'failed',
    reason,
    activation: null,
    equivalentActivations: [],
    widths: [],
    queries: source.queries,
    loss: null,
    floor: null,
    heldOut: null,
    network: null,
    evidence,
  };
}

function describeStalled(students: readonly Student[], { scaledVariance }: OutputStatistics): string {
  const best = students.reduce((a, b) => (b.loss < a.loss ? b : a));
  const relative = (best.loss / scaledVariance).toExponential(1);
  const widest = Math.max(...students.map((student) => student.shape.hidden));
  return (
    `none of ${students.length} students with one hidden layer of up to ${widest} neurons reached the floor; ` +
    `the best, ${best.shape.hidden} ${best.shape.activation} neurons, left ${relative} of the variance; ` +
    `the target may be deeper or wider, or have another activation`
  );
}

export type { Environment, Evidence, Phase, RecoverEvent, Recovery } from './recovery.js';
