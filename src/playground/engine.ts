import { InputError } from '../base/errors.js';
import type { Gate } from '../execute/gate.js';
import type { JobProgress } from '../execute/web-workers.js';
import type { Wave } from '../expand/expand.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Fitter } from '../optimise/fit.js';
import { conditionInputs } from '../query/condition.js';
import type { Target } from '../query/oracle.js';
import { recover } from '../recover.js';
import { recoverFromPairs } from '../recover-pairs.js';
import type { Environment, Phase, RecoverEvent } from '../recovery.js';
import { clusteredSight, createLiveTree } from './live-tree.js';
import { openSource } from './open-source.js';
import type { FromEngine, OpenedSource, PlanePicture, Source, TreeSight } from './protocol.js';
import type { PlaygroundSettings } from './settings.js';
import { sightOf } from './sight.js';

/** What a run in the browser needs. */
export interface EngineRequest {
  readonly source: Source;
  readonly settings: PlaygroundSettings;
  readonly kernels: Kernels;
  /** Makes the fitter; `onProgress` is told of every piece of training. */
  createFitter(onProgress: (progress: JobProgress) => void): Fitter;
  readonly gate: Gate;
  post(message: FromEngine): void;
}

/**
 * Recovers what the page was given, and tells how it goes. Never throws: what goes wrong is told. Nothing that this file
 * reaches can read weights (test/policy): a network that was drawn is asked like any other.
 */
export async function runEngine(request: EngineRequest): Promise<void> {
  const { post } = request;
  try {
    const opened = openSource(request.source, request.settings.activation);
    post(await describeOpened(opened));
    const start = performance.now() - request.gate.shutFor;
    const recovery = await recoverOpened(opened, request);
    // a pause is none of its time
    const milliseconds = performance.now() - start - request.gate.shutFor;
    post({ kind: 'done', recovery, seconds: Math.round(milliseconds) / 1000 });
  } catch (error) {
    const isInput = error instanceof InputError;
    const message = error instanceof Error ? error.message : String(error);
    post({ kind: 'failed', message, isInput });
  }
}

async function recoverOpened(opened: OpenedSource, request: EngineRequest) {
  const { settings, gate, kernels, post } = request;
  const { activation, depth, seed, budget, width } = settings;
  let phase: Phase = 'query';
  const tree = createLiveTree(kernels);
  const show = (sight: TreeSight | undefined) => sight && post({ kind: 'tree', tree: sight });
  const environment: Environment = {
    kernels,
    fitter: request.createFitter((progress) => {
      if (phase !== 'expand') return;
      post({ kind: 'sight', sight: sightOf(progress) });
      tree.see(progress);
      show(tree.draw(performance.now()));
    }),
    onEvent(event) {
      if (event.kind === 'phase') ({ phase } = event);
      if (event.kind === 'wave') tree.begin(event.spread);
      if (event.kind === 'student' && event.student.atFloor) tree.reached(event.student.loss);
      if (event.kind === 'clustered') show(clusteredSight(event.clustering));
      else post(asMessage(event));
    },
    ...(width !== null && { schedule: wavesOf(width, opened.inputs) }),
  };
  const known = { activation, depth, seed };
  if (opened.kind === 'pairs') return recoverFromPairs(opened.pairs, known, environment);
  let queries = 0;
  let told = Number.NEGATIVE_INFINITY;
  const ask: Target = async (inputs, count) => {
    await gate.pass();
    queries += count;
    if (performance.now() - told > 50) {
      told = performance.now();
      post({ kind: 'queries', queries });
    }
    return opened.ask(inputs, count);
  };
  const limit = budget === null ? {} : { budget };
  const recovery = await recover(ask, { ...known, ...limit, inputDimension: opened.inputs }, environment);
  post({ kind: 'queries', queries: recovery.queries });
  return recovery;
}

/** Waves of students that all have one width. */
function wavesOf(width: number, inputs: number): Wave[] {
  const starts =
    inputs > 32 ? (['random', 'random'] as const) : (['random', 'grown', 'random', 'grown'] as const);
  return [2, 1, 4].map((spread) => ({ width, spread, starts }));
}

function asMessage(event: Exclude<RecoverEvent, { kind: 'clustered' }>): FromEngine {
  switch (event.kind) {
    case 'phase':
      return event;
    case 'wave':
      return { kind: 'wave', width: (event.widths ?? [event.width]).join('-'), students: event.students };
    case 'trace':
      return { kind: 'layer', layer: event.layer, neurons: event.neurons };
    case 'student':
      return { kind: 'student', loss: event.student.loss, atFloor: event.student.atFloor };
  }
}

/** What is known of an opened source, with a picture where it has two inputs. */
async function describeOpened(opened: OpenedSource): Promise<FromEngine> {
  const { description, inputs, outputs } = opened;
  const isGiven = opened.kind === 'pairs';
  const frame = isGiven ? frameOf(opened) : null;
  const picture = !isGiven && inputs === 2 ? drawPlane(opened.ask, outputs) : null;
  const pairs = isGiven ? opened.pairs.count : null;
  return { kind: 'opened', description, inputs, outputs, pairs, frame, picture };
}

function frameOf({ pairs }: Extract<OpenedSource, { kind: 'pairs' }>) {
  const { shifts, scales, constant } = conditionInputs(pairs).conditioning;
  return constant.length > 0 ? null : { shifts, scales };
}

/** Points along one side of the picture, and how far it reaches: the clouds of students have a deviation of 2. */
const plane = { side: 96, extent: 5 };

function drawPlane(
  ask: (inputs: Float64Array, count: number) => Float64Array,
  outputs: number,
): PlanePicture {
  const { side, extent } = plane;
  const at = (i: number) => extent * ((2 * (i + 0.5)) / side - 1);
  const points = Float64Array.from({ length: 2 * side * side }, (_, i) => {
    const n = Math.floor(i / 2);
    return i % 2 === 0 ? at(n % side) : at(Math.floor(n / side));
  });
  const answers = ask(points, side * side);
  return { side, extent, values: answers.filter((_, i) => i % outputs === 0) };
}
