import { findSharedLayer } from '../cluster/shared-layer.js';
import { candidatesFor } from '../expand/candidates.js';
import { type DeepStudents, deepSchedule, trainDeepWave } from '../expand/deep-students.js';
import { descendFurther } from '../expand/descend-further.js';
import type { Reached } from '../expand/search.js';
import { type ActivationName, activations, boundedActivations } from '../network/activations.js';
import type { Fitter } from '../optimise/fit.js';
import { type Peeled, peelDataset, unpeelIncoming } from '../peel/peeled.js';
import { type KnownLayers, probeFirstLayer } from '../probe/layers.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import type { Environment, LayerEvidence } from '../recovery.js';
import { canProbe, type DeepSearchContext, scalarOf } from './context.js';
import { loosened, onlyLayer, patient, peelFor, promising, searchBehind } from './search-behind.js';
import { type DeepFind, mostKnownLayers, searchSurfaces } from './search-surfaces.js';

/** The far field showed the one hidden layer of a target that has no other. */
export interface ShallowFind {
  readonly kind: 'shallow';
  readonly reached: Reached;
}

/** No network was found; whether there is more than one hidden layer, as far as that was seen. */
export interface NoFind {
  readonly kind: 'none';
  readonly isDeep: boolean;
}

/**
 * Finds a target with several hidden layers, from the first layer on (method.md §7). Where it grows, the layers are
 * read off the far field as far as that shows them; else a layer is what deep students share. What is left behind
 * known layers is a problem of one layer less, for which students with one hidden layer are tried before the next
 * layer is looked for.
 */
export async function searchDeep(context: DeepSearchContext): Promise<DeepFind | ShallowFind | NoFind> {
  const { seed, environment, depth, layers } = context;
  let known: KnownLayer[] = [];
  let field: KnownLayers | undefined;
  if (canProbe(context)) {
    field = await probeFirstLayer(scalarOf(context), seed, environment.kernels);
    if (isWanted(field.probed.activation, context.activation) && field.layers.length > 0) {
      if (depth === 'auto') {
        const reached = await onlyLayer(field.layers[0], context);
        if (reached !== undefined) return { kind: 'shallow', reached };
      }
      layers.push(describeProbed(field));
      const { find, isDeeper } = await searchSurfaces(field.layers, layers, {
        ...context,
        distance: field.distance,
      });
      if (find !== undefined || isDeeper) return find ?? { kind: 'none', isDeep: true };
      known = [...field.layers];
    }
  }
  const most = depth === 'auto' ? mostKnownLayers : depth - 1;
  while (known.length < most) {
    const shared = await learnLayer(known, field, context);
    if (shared === undefined) break;
    field = undefined;
    known = [...known, shared.layer];
    layers.push(shared.evidence);
    if (depth !== 'auto' && known.length < most) continue;
    const { peeled, reached } = await searchBehind(known, context);
    if (reached !== undefined) return { kind: 'deep', peeled, reached, layers };
  }
  return { kind: 'none', isDeep: false };
}

/** Waves of deep students for targets that grow. */
const shortTry = 2;

/** The next layer as what deep students at the floor share; where the far field hints at it, they start there. */
async function learnLayer(
  known: readonly KnownLayer[],
  field: KnownLayers | undefined,
  context: DeepSearchContext,
): Promise<{ layer: KnownLayer; evidence: LayerEvidence } | undefined> {
  const { seed, fitter, environment, students } = context;
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
  const grows = known.length > 0 ? !boundedActivations.includes(known[0].activation) : field?.probed.grows;
  const hint = known.length === 0 && field !== undefined && field.probed.count > 0;
  // where neurons bend far out and are still not found, deep students hardly find them either: a short try
  const waves = grows ? deepSchedule.slice(0, shortTry) : deepSchedule;
  for (const [index, wave] of waves.entries()) {
    for (const activation of hypotheses) {
      const waveContext = {
        seed,
        activation,
        skip: activations[activation].symmetry === 'even-linear',
        takeSamples,
        tolerance,
        fitter,
        label: `${activation} ${known.length} ${index}`,
        firstIndex: students.length,
        peeled: known.length,
        ...(context.onEvent && { onEvent: context.onEvent }),
        ...(hint && { first: field.probed.incoming }),
      };
      const trained = await trainDeepWave(wave, waveContext);
      const again = await descendAgain(trained, waveContext, context.statistics.scaledVariance);
      students.push(...[...again].sort((a, b) => a.index - b.index));
      const atFloor = again.filter((student) => student.atFloor);
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
      students: students.length,
      widths: students[0].shape.widths,
      clustering: shared,
      peeled: known.length,
    },
  };
}

/** The students of a wave, lowest loss first; those that came near the floor descend once more, patiently. */
async function descendAgain(
  { students, dataset }: DeepStudents,
  { tolerance, fitter }: { readonly tolerance: number; readonly fitter: Fitter },
  variance: number,
): Promise<DeepStudents['students']> {
  if (students[0].loss <= tolerance) return students;
  const near = students.filter(({ loss }) => loss <= promising.again * variance).slice(0, promising.most);
  const further = await descendFurther(near, dataset, { ...patient, tolerance }, fitter);
  const others = students.filter((student) => !near.includes(student));
  return [...further, ...others].sort((a, b) => a.loss - b.loss);
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
    neurons: neuronsOf(last),
    lines: probed.lines,
    inspected: probed.inspected,
  };
}
