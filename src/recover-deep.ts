import { randomStream } from './base/random.js';
import { findSharedLayer } from './cluster/shared-layer.js';
import { type Candidate, candidatesFor } from './expand/candidates.js';
import { type DeepStudents, deepSchedule, trainDeepWave } from './expand/deep-students.js';
import { samplesForWidth, usesSkip } from './expand/expand.js';
import { peelSchedule } from './expand/schedule.js';
import { type Reached, type SearchContext, searchStudents } from './expand/search.js';
import { type ActivationName, activations } from './network/activations.js';
import { withOutputWeights } from './optimise/output-weights.js';
import { type Peeled, peel, peelDataset, unpeelIncoming } from './peel/peeled.js';
import type { Scalar } from './probe/far-field.js';
import { type KnownLayers, probeFirstLayer, probeNextLayer } from './probe/layers.js';
import type { Collection } from './query/collect.js';
import type { OutputStatistics } from './query/precision.js';
import type { Source } from './query/source.js';
import { liftInputs, type Subspace } from './query/subspace.js';
import type { KnownLayer, Student } from './records.js';
import type { Environment, LayerEvidence } from './recovery.js';

/** What the search for deep networks needs beside the search for students. */
export interface DeepSearchContext extends SearchContext {
  readonly source: Source;
  /** Queries in the coordinates of the search. */
  readonly collection: Collection;
  readonly subspace: Subspace | undefined;
  readonly statistics: OutputStatistics;
  /** Relative error of the answers, from noise or rounding. */
  readonly relativeError: number;
  readonly activation: ActivationName | 'auto';
  /** Hidden layers of the target, where they are told. */
  readonly depth: number | 'auto';
  readonly environment: Environment;
}

/** Known layers, and what was found behind them. */
export interface DeepFind {
  readonly kind: 'deep';
  readonly peeled: Peeled;
  readonly reached: Reached;
  readonly layers: readonly LayerEvidence[];
}

/** The far field showed the one hidden layer of a target that has no other. */
export interface ShallowFind {
  readonly kind: 'shallow';
  readonly reached: Reached;
}

/** Spread of the queries by which peeled inputs are shifted and divided. */
const peelingSpread = 2;

/** Far out, neurons can be told apart where answers are accurate to this. */
const probingError = 1e-12;

/** Hidden layers beyond this number are not looked for. */
const mostKnownLayers = 3;

/**
 * The share of the outputs' variance down to which students behind a known layer descend: the layer itself is known
 * to 1e-6 or better, and the last descent of all layers together does the rest.
 */
const peeledTolerance = 1e-14;

/**
 * Finds a target with several hidden layers, from the first layer on (method.md §7): a layer is read off the far
 * field, or it is what deep students share; what is left behind it is a problem of one layer less, for which
 * students with one hidden layer are tried before the next layer is looked for. Returns undefined where neither
 * leads on.
 */
export async function searchDeep(context: DeepSearchContext): Promise<DeepFind | ShallowFind | undefined> {
  const { seed, environment } = context;
  const layers: LayerEvidence[] = [];
  let known: KnownLayer[] = [];
  let field: KnownLayers | undefined;
  if (canProbe(context)) {
    field = await probeFirstLayer(scalarOf(context), seed, environment.kernels);
    if (isWanted(field.probed.activation, context.activation) && field.layers.length > 0) {
      known = [...field.layers];
      layers.push(describeProbed(field));
    }
  }
  const { depth } = context;
  const most = depth === 'auto' ? mostKnownLayers : depth - 1;
  while (known.length <= most) {
    if (known.length === 1 && layers[0].how === 'far field' && depth === 'auto') {
      const reached = await onlyLayer(known[0], context);
      if (reached !== undefined) return { kind: 'shallow', reached };
    }
    if (known.length > 0 && (depth === 'auto' || known.length === most)) {
      const find = await searchBehind(known, context);
      if (find.reached !== undefined) {
        return { kind: 'deep', peeled: find.peeled, reached: find.reached, layers };
      }
    }
    if (known.length === most) return undefined;
    if (field?.next !== undefined) {
      const next = await probeNextLayer(field, seed, environment.kernels);
      if (next.layers.length > known.length) {
        field = next;
        known = [...next.layers];
        layers.push(describeProbed(next));
        continue;
      }
      field = undefined;
    }
    const shared = await learnLayer(known, field, context);
    if (shared === undefined) return undefined;
    field = undefined;
    known = [...known, shared.layer];
    layers.push(shared.evidence);
  }
  return undefined;
}

/** A student that starts at the known layer, where nothing but an affine map is left behind it. */
async function onlyLayer(layer: KnownLayer, context: DeepSearchContext): Promise<Reached | undefined> {
  const { inputs, outputs, tolerances, takeSamples, fitter, students } = context;
  const hidden = layer.incoming.length / (layer.inputs + 1);
  const trained = layer.activation === 'leaky_relu' ? 'relu' : layer.activation;
  const skip = usesSkip({ activation: trained }, 'known');
  const shape = { inputs, hidden, outputs, activation: trained, slope: 0, skip };
  const dataset = await takeSamples(peelingSpread, samplesForWidth(shape));
  const samples = { inputs: dataset.inputs, outputs: dataset.outputs, count: dataset.count };
  const start = withOutputWeights(shape, layer.incoming, samples);
  const options = { maxIterations: 100, patience: 10, tolerance: tolerances.training };
  const [fitted] = await fitter.fit([{ samples, shape, method: { kind: 'descend', start, options } }]);
  const student: Student = {
    index: students.length,
    start: 'known',
    spread: peelingSpread,
    samples: dataset.count,
    ...fitted,
    atFloor: fitted.loss <= tolerances.training,
  };
  if (!student.atFloor) return undefined;
  students.push(student);
  const candidate = candidatesFor(context.activation).find((one) => one.trained === trained);
  return candidate && { candidate, students: [student], dataset };
}

/** Whether the far field can be asked, and shows single neurons: no bounds, and answers that are hardly rounded. */
export function canProbe({
  source,
  relativeError,
}: Pick<DeepSearchContext, 'source' | 'relativeError'>): boolean {
  return relativeError <= probingError && source.reach === Number.POSITIVE_INFINITY;
}

/** Students with one hidden layer on what is left behind known layers. */
async function searchBehind(
  known: readonly KnownLayer[],
  context: DeepSearchContext,
): Promise<{ peeled: Peeled; reached: Reached | undefined }> {
  const peeled = await peelFor(known, context);
  const students: SearchContext['students'] = [];
  const { activation, slope } = known[0];
  const candidates: Candidate[] = candidatesFor(activation).map((candidate) => ({
    ...candidate,
    leaky: candidate.leaky || (activation === 'relu' && !known[0].oriented),
    trained: slope !== 0 ? 'relu' : candidate.trained,
  }));
  const reached = await searchStudents(candidates, peelSchedule(peeled.dimension), {
    ...context,
    inputs: peeled.dimension,
    tolerances: loosened(context),
    takeSamples: async (spread, count) => peelDataset(peeled, await context.takeSamples(spread, count)),
    students,
  });
  context.students.push(...students.map((student) => ({ ...student, peeled: known.length })));
  return { peeled, reached: reached ?? (await nearlyReached(students, peeled, candidates, context)) };
}

/** Students this near to the floor may be held back by the known layer alone: the last descent will tell. */
const nearlyAtFloor = 1e-9;

/** The best student where it is near the floor: all layers together may get there. */
async function nearlyReached(
  students: readonly Student[],
  peeled: Peeled,
  candidates: readonly Candidate[],
  { takeSamples, statistics }: DeepSearchContext,
): Promise<Reached | undefined> {
  const best = students.reduce((a, b) => (b.loss < a.loss ? b : a));
  if (!(best.loss <= nearlyAtFloor * statistics.scaledVariance)) return undefined;
  const dataset = peelDataset(peeled, await takeSamples(best.spread, best.samples));
  const candidate = candidates.find(({ trained }) => trained === best.shape.activation);
  return candidate && { candidate, students: [best], dataset };
}

async function peelFor(known: readonly KnownLayer[], { collection }: DeepSearchContext): Promise<Peeled> {
  return peel(known, await collection.take(peelingSpread, 300), peelingSpread);
}

function loosened({ tolerances, statistics }: DeepSearchContext): SearchContext['tolerances'] {
  const training = Math.max(tolerances.training, peeledTolerance * statistics.scaledVariance);
  return { training, validation: Math.max(tolerances.validation, 1e3 * training) };
}

/** The next layer as what deep students at the floor share; where the far field hints at it, they start there. */
async function learnLayer(
  known: readonly KnownLayer[],
  field: KnownLayers | undefined,
  context: DeepSearchContext,
): Promise<{ layer: KnownLayer; evidence: LayerEvidence } | undefined> {
  const { seed, fitter, environment } = context;
  const hypotheses: ActivationName[] =
    known.length > 0
      ? [known[0].activation]
      : field?.probed.activation !== undefined
        ? [field.probed.activation]
        : candidatesFor(context.activation).map((candidate) => candidate.trained);
  const peeled = known.length > 0 ? await peelFor(known, context) : undefined;
  const takeSamples = async (spread: number, count: number) => {
    const dataset = await context.takeSamples(spread, count);
    return peeled === undefined ? dataset : peelDataset(peeled, dataset);
  };
  const tolerance = loosened(context).training;
  const hint = known.length === 0 && field !== undefined && field.probed.count > 0;
  for (const [index, wave] of deepSchedule.entries()) {
    for (const activation of hypotheses) {
      const waveContext = {
        seed,
        activation,
        skip: activations[activation].symmetry === 'even-linear',
        takeSamples,
        tolerance,
        fitter,
        label: `${activation} ${known.length} ${index}`,
        ...(hint && { first: field.probed.incoming }),
      };
      const trained = await trainDeepWave(wave, waveContext);
      const atFloor = trained.students.filter((student) => student.loss <= tolerance);
      if (atFloor.length === 0) continue;
      return describeLearned(known, peeled, activation, { ...trained, students: atFloor }, environment);
    }
  }
  return undefined;
}

function describeLearned(
  known: readonly KnownLayer[],
  peeled: Peeled | undefined,
  activation: ActivationName,
  { students }: DeepStudents,
  { kernels }: Environment,
): { layer: KnownLayer; evidence: LayerEvidence } {
  const shared = findSharedLayer(students, kernels);
  const inputs = students[0].shape.inputs;
  const incoming = peeled === undefined ? shared.incoming : unpeelIncoming(peeled, shared.incoming);
  return {
    layer: {
      activation,
      slope: 0,
      inputs,
      incoming,
      oriented: activations[activation].symmetry !== 'even-linear',
    },
    evidence: {
      how: 'students',
      neurons: incoming.length / (inputs + 1),
      students: shared.students,
      widths: students[0].shape.widths,
      linkage: shared.linkage,
      height: shared.height,
      peeled: known.length,
    },
  };
}

/** The target as one number a query, in the coordinates of the search. */
export function scalarOf({
  source,
  seed,
  inputs,
  subspace,
  statistics,
}: Pick<DeepSearchContext, 'source' | 'seed' | 'inputs' | 'subspace' | 'statistics'>): Scalar {
  const random = randomStream(seed, 'far field', 'outputs');
  const factors = statistics.scales.map((scale) => (0.5 + random.uniform()) / scale);
  return {
    dimension: inputs,
    roundoff: statistics.roundoff,
    async evaluate(points, count) {
      const answers = await source.ask(subspace === undefined ? points : liftInputs(subspace, points), count);
      const values = new Float64Array(count);
      answers.forEach((answer, i) => {
        values[Math.floor(i / factors.length)] += answer * factors[i % factors.length];
      });
      return values;
    },
  };
}

/** Whether an activation that the far field shows is among those that may be the target's. */
function isWanted(shown: ActivationName | undefined, wanted: ActivationName | 'auto'): boolean {
  if (shown === undefined) return false;
  const family = { relu: ['relu', 'leaky_relu'], tanh: ['tanh', 'sigmoid'] } as const;
  return (
    wanted === 'auto' ||
    wanted === shown ||
    (family as Record<string, readonly string[]>)[shown]?.includes(wanted)
  );
}

function describeProbed({ layers, probed }: KnownLayers): LayerEvidence {
  const last = layers[layers.length - 1];
  return {
    how: 'far field',
    neurons: last.incoming.length / (last.inputs + 1),
    lines: probed.lines,
    inspected: probed.inspected,
  };
}
