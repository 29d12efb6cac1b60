import { findSharedLayer } from '../cluster/shared-layer.js';
import { type DeepStudents, deepSchedule, trainDeepWave } from '../expand/deep-students.js';
import { descendFurther } from '../expand/descend-further.js';
import type { Reached } from '../expand/search.js';
import type { Training } from '../expand/task.js';
import { type ActivationName, activations } from '../network/activations.js';
import { isBounded } from '../network/families.js';
import type { ResolvedOptions } from '../options.js';
import { type Peeled, unpeelIncoming } from '../peel/peeled.js';
import { type KnownLayers, probeFirstLayer } from '../probe/layers.js';
import { canProbe, scalarOf } from '../problem/far-field.js';
import type { Search } from '../problem/problem.js';
import { type Dataset, type DeepStudent, type KnownLayer, neuronsOf } from '../records.js';
import type { Environment, LayerEvidence } from '../recovery.js';
import { hypothesesFor, isWanted } from './hypotheses.js';
import { pruneStudent } from './prune-student.js';
import {
  loosened,
  onlyLayer,
  patient,
  peelFor,
  promising,
  searchBehind,
  taskBehind,
} from './search-behind.js';
import { endAfter } from './search-end.js';
import {
  type DeepFind,
  describeProbed,
  mostKnownLayers,
  type SeenLayers,
  type SurfaceSearch,
  searchSurfaces,
  seenLayers,
} from './search-surfaces.js';

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

/** A search in two parts, between which other things may be tried. */
export interface LayerSearch {
  /**
   * What the far field shows: the first layer, the next one along its surfaces and students behind that; and one wave of
   * students for a first layer that it does not show.
   */
  first(): Promise<LayerSearchFind>;
  /** Layers behind those, and the later waves; all of it where the first part was not tried. */
  rest(): Promise<LayerSearchFind>;
  /** What the far field has shown of the first two layers so far. */
  seen(): SeenLayers | undefined;
}

/** What a search layer after layer comes to. */
export type LayerSearchFind = DeepFind | ShallowFind | NoFind;

/**
 * Finds a target with several hidden layers, from the first layer on (method.md §7). Where it grows, the layers are
 * read off the far field as far as that shows them; else a layer is what deep students share. What is left behind
 * known layers is a problem of one layer less, for which students with one hidden layer are tried before the next
 * layer is looked for.
 */
export function startDeep(context: Search): LayerSearch {
  const { settings, environment, journal } = context.attempt;
  let field: KnownLayers | undefined;
  let surfaces: SurfaceSearch | undefined;
  let asked: LayerSearchFind | undefined;
  let tried = 0;
  const searchField = async (isBrief: boolean): Promise<LayerSearchFind | undefined> => {
    field ??= canProbe(context.problem)
      ? await probeFirstLayer(scalarOf(context), settings.seed, environment.kernels)
      : undefined;
    if (field === undefined || !showsLayers(field, settings)) return undefined;
    const begun = surfaces?.traced;
    if (surfaces === undefined) {
      const only = await onlyLayerOf(field, context);
      if (only !== undefined) return only;
      journal.layers.push(describeProbed(field));
    }
    const part = { isBrief, ...(begun && { begun }) };
    surfaces = await searchSurfaces(field.layers, journal.layers, field.distance, context, part);
    const { find, isDeeper } = surfaces;
    return find ?? (isDeeper || isBrief ? { kind: 'none', isDeep: isDeeper } : undefined);
  };
  return {
    first: async () => {
      asked = await searchField(true);
      if (asked !== undefined) return asked;
      tried = 1;
      return learnLayers(field, { from: 0, to: 1 }, context);
    },
    rest: async () => {
      // what the first part found is no network
      if (asked !== undefined && asked.kind !== 'none') return { kind: 'none', isDeep: true };
      return (
        (tried === 0 ? await searchField(false) : undefined) ?? learnLayers(field, { from: tried }, context)
      );
    },
    seen: () => seenLayers(field, surfaces),
  };
}

/** The one layer of the far field, where nothing but an affine map is behind it. */
async function onlyLayerOf(field: KnownLayers, context: Search): Promise<ShallowFind | undefined> {
  if (context.attempt.settings.depth !== 'auto') return undefined;
  const reached = await onlyLayer(field.layers[0], context);
  return reached && { kind: 'shallow', reached };
}

/** Whether the far field shows a layer of what may be the target's activation. */
const showsLayers = ({ probed, layers }: KnownLayers, { activation }: ResolvedOptions): boolean =>
  isWanted(probed.activation, activation) && layers.length > 0;

/** One layer after another behind those of the far field, the next one from some of its waves alone. */
async function learnLayers(
  field: KnownLayers | undefined,
  part: WavesTried,
  context: Search,
): Promise<LayerSearchFind> {
  const { settings, journal } = context.attempt;
  const { depth } = settings;
  const { layers } = journal;
  let known: KnownLayer[] = field !== undefined && showsLayers(field, settings) ? [...field.layers] : [];
  let own: WavesTried = part;
  let seen = field;
  const most = depth === 'auto' ? mostKnownLayers : depth - 1;
  while (known.length < most) {
    const shared = await learnLayer(known, seen, own, context);
    if (shared === undefined) break;
    if ('kind' in shared) return shared;
    seen = undefined;
    own = { from: 0 };
    const before = known;
    known = [...known, shared.layer];
    layers.push(shared.evidence);
    if (depth === 'auto' || known.length === most) {
      const { peeled, reached } = await searchBehind(known, context);
      if (reached !== undefined) return { kind: 'deep', peeled, reached, layers };
    }
    const find = await searchInside(shared.student, shared.dataset, before, context);
    if (find !== undefined) return find;
  }
  return { kind: 'none', isDeep: false };
}

/** What is behind the layers of the best student, which may have more of them than its first. */
async function searchInside(
  student: DeepStudent,
  dataset: Dataset,
  before: readonly KnownLayer[],
  context: Search,
): Promise<DeepFind | undefined> {
  const { widths } = student.shape;
  const { settings, journal } = context.attempt;
  if (settings.depth !== 'auto' && before.length + widths.length !== settings.depth) return undefined;
  const pruned = await pruneStudent(student, dataset, before, context);
  if (pruned === undefined) return undefined;
  const inside = pruned.known
    .slice(before.length)
    .map((layer): LayerEvidence => ({ how: 'pruned', neurons: neuronsOf(layer), widths }));
  const end = await endAfter(pruned, context);
  if (end === undefined) return undefined;
  const { peeled, reached } = end;
  return { kind: 'deep', peeled, reached, layers: [...journal.layers.slice(0, before.length), ...inside] };
}

/**
 * Waves of deep students for targets that grow, and for those that show no activation far out: of 100 targets of the
 * deep suite with two hidden layers (erf, sigmoid, softplus, elu, gelu; seeds 0 to 19) every one shows its own.
 */
const shortTry = 2;

/** Waves for a layer: from the first, or one behind it, up to one or to the last. */
interface WavesTried {
  readonly from: number;
  readonly to?: number;
}

/** A layer as students share it. */
interface LearnedLayer {
  readonly layer: KnownLayer;
  readonly evidence: LayerEvidence;
  /** The best student, and the samples that it was trained on. */
  readonly student: DeepStudent;
  readonly dataset: Dataset;
}

/**
 * The next layer as what deep students at the floor share; where the far field hints at it, they start there. Where all
 * stay above the floor and the best is near, what it holds without its superfluous neurons may be the whole network.
 */
async function learnLayer(
  known: readonly KnownLayer[],
  field: KnownLayers | undefined,
  { from, to }: WavesTried,
  context: Search,
): Promise<LearnedLayer | DeepFind | undefined> {
  const { problem, attempt } = context;
  const { settings, environment, training } = attempt;
  const grows = known.length > 0 ? !isBounded(known[0].activation) : field?.probed.grows;
  const hypotheses: ActivationName[] =
    known.length > 0
      ? [known[0].activation]
      : field?.probed.activation !== undefined
        ? [field.probed.activation]
        : hypothesesFor(settings.activation, grows);
  const peeled = known.length > 0 ? await peelFor(known, problem) : undefined;
  const { takeSamples } = peeled === undefined ? problem.task : taskBehind(peeled, problem);
  const tolerance = loosened(problem).training;
  const hint = known.length === 0 && field !== undefined && field.probed.count > 0;
  // where neurons bend far out and are still not found, deep students hardly find them either: a short try; and where
  // nothing is seen far out there is most likely no network of this kind
  const isUnseen = settings.depth === 'auto' && field !== undefined && field.probed.activation === undefined;
  const waves = grows || isUnseen ? deepSchedule.slice(0, shortTry) : deepSchedule;
  for (const [place, wave] of waves.slice(from, to).entries()) {
    const index = from + place;
    for (const activation of hypotheses) {
      const hypothesis = {
        activation,
        skip: activations[activation].symmetry === 'even-linear',
        label: `${activation} ${known.length} ${index}`,
        peeled: known.length,
        ...(hint && { first: field.probed.incoming }),
      };
      const trained = await trainDeepWave(wave, hypothesis, { takeSamples, tolerance }, training);
      const again = await descendAgain(trained, tolerance, problem.statistics.scaledVariance, training);
      const atFloor = again.filter((student) => student.atFloor);
      if (atFloor.length > 0) {
        return describeLearned(known, peeled, activation, { ...trained, students: atFloor }, environment);
      }
      const find = await searchInside(again[0], trained.dataset, known, context);
      if (find !== undefined) return find;
    }
  }
  return undefined;
}

function describeLearned(
  known: readonly KnownLayer[],
  peeled: Peeled | undefined,
  activation: ActivationName,
  { students, dataset }: DeepStudents,
  { kernels }: Environment,
): LearnedLayer {
  const shared = findSharedLayer(students, kernels);
  const inputs = students[0].shape.inputs;
  const incoming = peeled === undefined ? shared.incoming : unpeelIncoming(peeled, shared.incoming);
  return {
    student: students[0],
    dataset,
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
  tolerance: number,
  variance: number,
  { fitter, register }: Training,
): Promise<DeepStudents['students']> {
  if (students[0].loss <= tolerance) return students;
  const near = students.filter(({ loss }) => loss <= promising.again * variance).slice(0, promising.most);
  const further = await descendFurther(near, dataset, { ...patient, tolerance }, fitter);
  register.replace(further);
  const others = students.filter((student) => !near.includes(student));
  return [...further, ...others].sort((a, b) => a.loss - b.loss);
}
