import { containsNeurons } from './certify/agreement.js';
import { judge } from './certify/judge.js';
import { canProbe } from './deep/context.js';
import { allDeletions, conclude, networkFor } from './ending/conclude.js';
import { type Candidate, candidatesFor } from './expand/candidates.js';
import { scheduleFor } from './expand/schedule.js';
import { type Finished, liftShallow } from './finish.js';
import { fromStudents } from './from-students.js';
import { deepShapeOf } from './network/deep.js';
import { splitParameters } from './network/shallow.js';
import { type RecoverOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { describeCertified, describeStalled, failed } from './outcome.js';
import { ofSums } from './query/behind-head.js';
import { askInsideBounds, cubeLimit, frameOf } from './query/bounds.js';
import { centreOutputs, offsetsOf } from './query/centre.js';
import { describeFewValues } from './query/few-values.js';
import { meterTarget, type Target } from './query/oracle.js';
import { affineLoss, measureOutputs, scaleOutputs, tolerancesFor } from './query/precision.js';
import { quantisationVariance } from './query/rounding.js';
import { queriesAsSource, type Source } from './query/source.js';
import { type Dataset, type DeepStudent, isShallow, type Student } from './records.js';
import type { Environment, Evidence, LayerEvidence, Phase, Recovery } from './recovery.js';
import { searchDepths } from './search-depths.js';
import { recoverBehindHead } from './search-heads.js';
import { endEarly, type Found, foundEvidence, limitTime, type Watched, watch } from './unfinished.js';

/** Spread of the points where Jacobians are measured: saturated neurons hardly show in them. */
const jacobianSpread = 1;

/** Spread of the first queries, and how many measure the outputs. */
const probe = { spread: 2, count: 300 };

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
  if (bounds === null) {
    const oracle = meterTarget(target, inputDimension, budget, undefined, limited.stop, limited.memory);
    return recoverFrom(queriesAsSource(oracle, seed), settings, limited);
  }
  // the box is a cube to everything below; evidence but for the certificate stays in its coordinates
  const oracle = meterTarget(
    askInsideBounds(target, bounds),
    inputDimension,
    budget,
    cubeLimit,
    limited.stop,
    limited.memory,
  );
  return recoverFrom(queriesAsSource(oracle, seed, frameOf(bounds)), settings, limited);
}

/** The same from any source of samples. */
export async function recoverFrom(
  source: Source,
  settings: ResolvedOptions,
  environment: Environment,
): Promise<Recovery> {
  const guarded = async (act: (attempt: Attempt) => Promise<Recovery>) => {
    const attempt = { students: [], found: {}, watched: watch(environment) };
    try {
      return await act(attempt);
    } catch (error) {
      return endEarly(error, attempt.found, attempt.students, attempt.watched, settings, source);
    }
  };
  const recovery = await guarded(() =>
    recoverBehindHead(source, settings, environment, probe, (own, { brief, suspects, isHeadSupposed }) =>
      guarded(({ students, found, watched }) => {
        const hints = {
          ...(brief && { brief }),
          ...(suspects && { suspects }),
          ...(isHeadSupposed && { isHeadSupposed }),
        };
        const around = { ...watched.environment, ...hints };
        return recoverLayers(settings, own, students, around, found);
      }),
    ),
  );
  return { ...recovery, evidence: { ...recovery.evidence, queriesBy: source.queriesBy } };
}

/** One try at a target, and what it has come to. */
interface Attempt {
  readonly students: (Student | DeepStudent)[];
  readonly found: Found;
  readonly watched: Watched;
}

async function recoverLayers(
  settings: ResolvedOptions,
  asked: Source,
  students: (Student | DeepStudent)[],
  environment: Environment,
  found: Found,
): Promise<Recovery> {
  const { seed } = settings;
  const { fitter, kernels } = environment;
  const enter = (phase: Phase) => environment.onEvent?.({ kind: 'phase', phase });

  const first = asked.collect();
  const probed = await first.take(probe.spread, probe.count);
  const statistics = ofSums(measureOutputs(probed), probed, asked);
  const { numberType, quanta } = statistics;
  found.variance = statistics.scaledVariance;
  const head = asked.head && { head: asked.head.head };
  const evidence: Evidence = { options: settings, numberType, quanta, ...head, students };
  if (statistics.deviations.every((deviation) => deviation === 0)) {
    const reason = `the target is constant: ${probed.count} ${asked.noun} gave the same answer, so no neuron leaves a trace`;
    return failed(reason, asked, evidence);
  }
  const measured = await asked.measureNoise(probed, statistics.scales);
  // behind a head all of it is in what was measured of the sums
  const quantisation = head
    ? measured * Number(quanta.some((quantum) => quantum > 0))
    : quantisationVariance(statistics, statistics.scales);
  const noise = head ? measured : quantisation + measured;
  const tolerances = tolerancesFor(statistics, noise);
  if (affineLoss(scaleOutputs(probed, statistics.scales)) <= tolerances.training) {
    const affine = `the target is affine: ${probed.count} ${asked.noun} are explained without any hidden neuron, so none leaves a trace`;
    return failed(describeFewValues(probed) ?? affine, asked, evidence);
  }
  const variance = noise + (statistics.headRounding ?? 0);
  const relativeError = Math.max(statistics.roundoff, Math.sqrt(variance / statistics.scaledSquare));
  const offsets = head ? undefined : offsetsOf(statistics);
  const source = offsets === undefined ? asked : centreOutputs(asked, offsets);
  const whole = offsets === undefined ? first : source.collect();
  const rowSpace = await source.findSubspace(jacobianSpread, relativeError);
  const subspace = typeof rowSpace === 'object' ? rowSpace : undefined;
  const inSubspace = { ...evidence, ...(subspace && { subspace }) };
  const layers: LayerEvidence[] = [];
  Object.assign(found, { evidence: inSubspace, layers });
  const rank = rowSpace === 'full' ? source.inputDimension : subspace?.rank;

  enter('expand');
  const collection = subspace === undefined ? whole : source.collect(subspace);
  const context = {
    seed,
    inputs: subspace?.rank ?? source.inputDimension,
    outputs: source.outputDimension,
    available: source.available,
    tolerances,
    takeSamples: async (spread: number, count: number) =>
      scaleOutputs(await collection.take(spread, count), statistics.scales),
    fitter,
    students,
    ...(environment.onEvent && { onEvent: environment.onEvent }),
  };
  const candidates = candidatesFor(settings.activation);
  const schedule = environment.schedule ?? scheduleFor(context.inputs, rank);
  const reached = await searchDepths({
    ...context,
    source,
    collection,
    whole,
    subspace,
    statistics,
    relativeError,
    noise,
    quantisation,
    activation: settings.activation,
    depth: settings.depth,
    candidates,
    schedule,
    isScheduleGiven: environment.schedule !== undefined,
    environment,
    evidence,
    layers,
    enter,
    keep: (network, loss) => Object.assign(found, { network, loss }),
  });
  if (reached === undefined || 'failure' in reached) {
    const isDeepSearched =
      settings.depth !== 1 &&
      (settings.depth !== 'auto' ||
        canProbe({ source, relativeError }) ||
        students.some((student) => !isShallow(student)));
    const stalled = describeStalled(students, statistics, { depth: settings.depth, isDeepSearched });
    const nearest = reached && `${stalled}; what came nearest is no network: ${reached.failure}`;
    const reason = nearest ?? describeFewValues(probed) ?? stalled;
    return failed(reason, source, { ...inSubspace, ...foundEvidence(found) });
  }
  if ('verdict' in reached) return reached;

  const { clustering, reconstruction, candidate, rivals, equal, finished, spread } = await fromStudents(
    reached,
    {
      search: { ...context, source, subspace, statistics, relativeError, candidates, schedule },
      finishing: {
        seed,
        source,
        subspace,
        whole,
        inside: collection,
        statistics,
        noise,
        relativeError,
        fitter,
        wanted: settings.activation,
      },
      kernels,
      enter,
      keep: (clustered, built) => {
        environment.onEvent?.({ kind: 'clustered', clustering: clustered });
        const { deletions } = built;
        const own = { ...inSubspace, clustering: clustered, deletions };
        Object.assign(found, { evidence: own, layers: undefined });
        if (built.shape.skip) return;
        const { shape, parameters } = liftShallow(built, subspace);
        found.network = networkFor(source, { shape: deepShapeOf(shape), parameters }, statistics.scales);
        found.loss = built.loss / statistics.scaledVariance;
      },
    },
  );
  const { dataset } = reached;
  const { deletions } = reconstruction;

  enter('certify');
  const accuracy = { ...statistics, noise, quantisation, ...(offsets && { offsets }) };
  const { incoming: ofStudents } = splitParameters(reconstruction.shape, reconstruction.parameters);
  const own = students
    .filter(isShallow)
    .filter(({ shape, peeled = 0 }) => shape.activation === candidate.trained && peeled === 0)
    .filter(({ shape }) => !candidate.path || shape.skip);
  const concluded = await conclude(
    {
      ...asDeep(finished),
      deletions: [deletions],
      tested: [ofStudents],
      agreement: agreementOf(own, ofStudents, dataset),
    },
    await source.drawHeldOut(),
    { seed, source, accuracy, relativeError, whole, spread, fitter, kernels },
  );
  const { network, polished, certificate } = concluded;
  const { signs } = finished.oriented;
  const equalNames = namesOf(equal);
  return {
    ...judge(certificate, polished.network.shape, signs, equalNames),
    ...describeCertified(network, certificate, source, statistics),
    evidence: {
      ...inSubspace,
      clustering,
      deletions: allDeletions(polished),
      signs,
      rivals: { tried: namesOf(rivals.tried), equal: equalNames, ruledOut: namesOf(rivals.ruledOut) },
      ...(concluded.mended && { mended: concluded.mended }),
      certificate,
    },
  };
}

/** The finished network in the records of any depth. */
function asDeep({ whole, descended, dataset, outside }: Finished) {
  const deep = ({ shape, parameters, loss }: Finished['descended']) => ({
    shape: deepShapeOf(shape),
    parameters,
    loss,
  });
  return {
    network: deep(descended),
    dataset,
    ...(outside && { lifted: { whole: deep(whole), ...outside } }),
  };
}

const namesOf = (candidates: readonly Candidate[]) => candidates.map(({ activation }) => activation);

/** Students at the floor, and how many of them contain every neuron. */
function agreementOf(students: readonly Student[], incoming: Float64Array, dataset: Dataset) {
  const atFloor = students.filter((student) => student.atFloor);
  const agreeing = atFloor.filter((student) => containsNeurons(student, incoming, dataset)).length;
  return { students: atFloor.length, agreeing };
}

export type { Environment, Evidence, Phase, RecoverEvent, Recovery } from './recovery.js';
