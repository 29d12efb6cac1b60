import { certify } from './certify/certify.js';
import { judge } from './certify/judge.js';
import { clusterStudents } from './cluster/cluster.js';
import { type Candidate, candidatesFor, equivalentTo } from './expand/candidates.js';
import { rivalWave, scheduleFor } from './expand/schedule.js';
import {
  type Reached,
  type SearchContext,
  searchStudents,
  testRivals,
  wavesForAll,
} from './expand/search.js';
import { finish, liftShallow } from './finish.js';
import { finishDeep } from './finish-deep.js';
import type { ActivationName } from './network/activations.js';
import { splitParameters } from './network/shallow.js';
import { type RecoverOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { toNetwork } from './polish/polish.js';
import { wholeSpace } from './probe/far-field.js';
import { lookFar } from './probe/first-look.js';
import { askInsideBounds, cubeLimit, fromCube } from './query/bounds.js';
import { createCollection, drawHeldOut } from './query/collect.js';
import { BudgetSpent, meterTarget, type Oracle, type Target } from './query/oracle.js';
import {
  affineLoss,
  measureNoise,
  measureOutputs,
  type OutputStatistics,
  scaleOutputs,
  tolerancesFor,
} from './query/precision.js';
import { quantisationVariance } from './query/rounding.js';
import { findSubspace } from './query/subspace.js';
import { reconstruct } from './reconstruct/reconstruct.js';
import type { Network, Student } from './records.js';
import { scalarOf, searchDeep } from './recover-deep.js';
import type { Environment, Evidence, Phase, Recovery } from './recovery.js';

/** Spread of the points where Jacobians are measured: saturated neurons hardly show in them. */
const jacobianSpread = 1;

/** Answers accurate to this allow to look for deep networks before the last waves of shallow students. */
const preciseAnswers = 1e-12;

/** Waves of students with one hidden layer before deeper ones, where the activation is known. */
const wavesForKnown = 2;

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
  const { inputDimension, budget, bounds } = settings;
  if (bounds !== null) {
    // the box is a cube to everything below; evidence stays in its coordinates
    const inside = await recoverFrom(
      meterTarget(askInsideBounds(target, bounds), inputDimension, budget, cubeLimit),
      settings,
      environment,
    );
    return { ...inside, network: inside.network && fromCube(inside.network, bounds) };
  }
  return recoverFrom(meterTarget(target, inputDimension, budget), settings, environment);
}

async function recoverFrom(
  oracle: Oracle,
  settings: ResolvedOptions,
  environment: Environment,
): Promise<Recovery> {
  const students: Student[] = [];
  const found: Found = {};
  try {
    return await recoverLayers(settings, oracle, students, environment, found);
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    const what = found.network ? '; the network that was found so far is not certified' : '';
    const reason = `the query budget is too small: ${error.message}${what}`;
    const nothing = failed(reason, oracle, { options: settings, students, ...found.evidence });
    return found.network
      ? { ...nothing, ...describeFound(found.network), loss: found.loss ?? null }
      : nothing;
  }
}

/** What a recovery has found so far, for when its budget ends. */
interface Found {
  network?: Network;
  /** Relative to the variance of the outputs. */
  loss?: number;
  evidence?: Partial<Evidence>;
}

function describeFound(network: Network) {
  return {
    network,
    activation: network.activation,
    equivalentActivations: equivalentTo(network.activation),
    widths: network.layers.slice(0, -1).map((layer) => layer.outputs),
  };
}

async function recoverLayers(
  settings: ResolvedOptions,
  oracle: Oracle,
  students: Student[],
  environment: Environment,
  found: Found,
): Promise<Recovery> {
  const { seed } = settings;
  const { fitter, kernels } = environment;
  const enter = (phase: Phase) => environment.onEvent?.({ kind: 'phase', phase });

  enter('query');
  const whole = createCollection(oracle, seed);
  const probed = await whole.take(probe.spread, probe.count);
  const statistics = measureOutputs(probed);
  const { numberType, quanta } = statistics;
  const evidence: Evidence = { options: settings, numberType, quanta, students };
  if (statistics.deviations.every((deviation) => deviation === 0)) {
    const reason = `the target is constant: ${probe.count} queries gave the same answer, so no neuron leaves a trace`;
    return failed(reason, oracle, evidence);
  }
  const quantisation = quantisationVariance(statistics, statistics.scales);
  const noise = quantisation + (await measureNoise(oracle, probed, statistics.scales));
  const tolerances = tolerancesFor(statistics, noise);
  if (affineLoss(scaleOutputs(probed, statistics.scales)) <= tolerances.training) {
    const reason = `the target is affine: ${probe.count} queries are explained without any hidden neuron, so none leaves a trace`;
    return failed(reason, oracle, evidence);
  }
  const relativeError = Math.max(statistics.roundoff, Math.sqrt(noise / statistics.scaledSquare));
  const rowSpace = await findSubspace(oracle, seed, jacobianSpread, relativeError);
  const subspace = typeof rowSpace === 'object' ? rowSpace : undefined;
  const rank = rowSpace === 'full' ? oracle.inputDimension : (subspace?.rank ?? 1);

  enter('expand');
  const collection = subspace === undefined ? whole : createCollection(oracle, seed, subspace);
  const context: SearchContext = {
    seed,
    inputs: subspace?.rank ?? oracle.inputDimension,
    outputs: oracle.outputDimension,
    tolerances,
    takeSamples: async (spread, count) =>
      scaleOutputs(await collection.take(spread, count), statistics.scales),
    fitter,
    students,
    ...(environment.onEvent && { onEvent: environment.onEvent }),
  };
  const candidates = candidatesFor(settings.activation);
  const isPrecise = relativeError <= preciseAnswers;
  const seesFar = isPrecise && oracle.limit === undefined;
  const likely =
    settings.activation === 'auto' && seesFar && environment.schedule === undefined
      ? await likelyCandidates(candidates, { ...context, oracle, subspace, statistics }, kernels)
      : candidates;
  const schedule = environment.schedule ?? scheduleFor(rank);
  const search = (part: { from?: number; to?: number }) => searchStudents(likely, schedule, context, part);
  const deep = async (): Promise<Recovery | Reached | undefined> => {
    if (settings.depth === 1 || environment.schedule !== undefined) return undefined;
    const deepContext = {
      ...context,
      oracle,
      collection,
      whole,
      subspace,
      statistics,
      relativeError,
      noise,
      activation: settings.activation,
      environment,
      evidence,
      enter,
    };
    const find = await searchDeep(deepContext);
    if (find?.kind !== 'deep') return find?.reached;
    const result = await finishDeep(find, deepContext);
    return typeof result === 'object' ? result : undefined;
  };
  let reached: Reached | undefined;
  if (settings.depth === 'auto' || settings.depth === 1) {
    const first = likely.length === 1 ? wavesForKnown : wavesForAll;
    reached = await search(isPrecise ? { to: first } : {});
  }
  if (reached === undefined) {
    const deeper = await deep();
    if (deeper !== undefined && 'verdict' in deeper) return deeper;
    reached = deeper;
    enter('expand');
    if (reached === undefined && isPrecise && (settings.depth === 'auto' || settings.depth === 1)) {
      reached = await search({ from: likely.length === 1 ? wavesForKnown : wavesForAll });
      const others = candidates.filter((candidate) => !likely.includes(candidate));
      if (reached === undefined && others.length > 0)
        reached = await searchStudents(others, schedule, context);
    }
  }
  if (reached === undefined) return failed(describeStalled(students, statistics), oracle, evidence);

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
  found.evidence = {
    ...evidence,
    ...(subspace && { subspace }),
    clustering,
    deletions: reconstruction.deletions,
  };
  if (!reconstruction.shape.skip) {
    found.network = toNetwork(liftShallow(reconstruction, subspace), statistics.scales);
    found.loss = reconstruction.loss / statistics.scaledVariance;
  }
  const rivals = candidates.filter((other) => other !== candidate);
  const equal = await testRivals(
    rivals,
    rivalWave(reconstruction.shape.hidden, reached.students[0].spread, rank),
    context,
  );

  enter('polish');
  const { incoming } = splitParameters(reconstruction.shape, reconstruction.parameters);
  const finished = await finish(reconstruction.shape, incoming, candidate, {
    seed,
    oracle,
    subspace,
    whole,
    inside: collection,
    spread: reached.students[0].spread,
    statistics,
    noise,
    relativeError,
    fitter,
    nameIt: settings.activation === 'auto',
  });

  enter('certify');
  const { oriented, descended } = finished;
  const network = toNetwork(finished.whole, statistics.scales);
  found.network = network;
  found.loss = descended.loss / statistics.scaledVariance;
  const certificate = certify(
    {
      network,
      ...finished,
      heldOut: await drawHeldOut(oracle, seed),
      scales: statistics.scales,
      roundoff: statistics.roundoff,
      noise,
      quantisation,
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
    queries: oracle.queries,
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

/** The hypotheses that a look at the far field leaves: one where bends show the activation, else those of its kind. */
async function likelyCandidates(
  candidates: readonly Candidate[],
  context: Parameters<typeof scalarOf>[0],
  kernels: Environment['kernels'],
): Promise<readonly Candidate[]> {
  const scalar = scalarOf(context);
  const { grows, activation } = await lookFar(
    scalar,
    wholeSpace(scalar.dimension),
    [context.seed, 'first look'],
    kernels,
  );
  const shown = candidates.filter((candidate) => candidate.trained === activation);
  if (shown.length > 0) return shown;
  return candidates.filter(({ trained }) => grows !== boundedActivations.includes(trained));
}

const boundedActivations: readonly ActivationName[] = ['tanh', 'sigmoid', 'erf'];

function failed(reason: string, oracle: Oracle, evidence: Evidence): Recovery {
  return {
    verdict: 'failed',
    reason,
    activation: null,
    equivalentActivations: [],
    widths: [],
    queries: oracle.queries,
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
