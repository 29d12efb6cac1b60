import { InputError } from '../base/errors.js';
import type { JobProgress } from '../execute/web-workers.js';
import type { Wave } from '../expand/expand.js';
import type { Kernels } from '../kernels/kernels.js';
import { deepBlocks } from '../network/deep.js';
import { extraColumns } from '../network/shallow.js';
import type { FitShape, Fitter } from '../optimise/fit.js';
import { conditionInputs } from '../query/condition.js';
import type { Target } from '../query/oracle.js';
import { recover } from '../recover.js';
import { recoverFromPairs } from '../recover-pairs.js';
import type { Environment, Phase, RecoverEvent } from '../recovery.js';
import type { Gate } from './gate.js';
import { openSource } from './open-source.js';
import type { FromEngine, OpenedSource, PlanePicture, Sight, Source } from './protocol.js';
import type { PlaygroundSettings } from './settings.js';

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
    const start = performance.now();
    const recovery = await recoverOpened(opened, request);
    post({ kind: 'done', recovery, seconds: Math.round(performance.now() - start) / 1000 });
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
  const environment: Environment = {
    kernels,
    fitter: request.createFitter((progress) => {
      if (phase === 'expand') post({ kind: 'sight', sight: sightOf(progress) });
    }),
    onEvent(event) {
      if (event.kind === 'phase') ({ phase } = event);
      post(asMessage(event));
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

function asMessage(event: RecoverEvent): FromEngine {
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

/** Most points of a curve that is drawn. */
const mostPoints = 200;

function sightOf({ job, shape, iterations, loss, parameters, lossCurve }: JobProgress): Sight {
  const curve = lossCurve && thin(lossCurve);
  const incoming = parameters.slice(0, firstWidth(shape, parameters.length) * (shape.inputs + 1));
  return { job, iterations, loss, incoming, inputs: shape.inputs, ...(curve && { curve }) };
}

/** Neurons of the first hidden layer; of a student that is growing, so many as its parameters have room for. */
function firstWidth(shape: FitShape, length: number): number {
  if ('widths' in shape) return deepBlocks(shape)[0].rows;
  const { inputs, outputs } = shape;
  return Math.round((length - outputs * extraColumns(shape)) / (inputs + 1 + outputs));
}

function thin(curve: Float64Array): Float64Array {
  if (curve.length <= mostPoints) return curve;
  const step = (curve.length - 1) / (mostPoints - 1);
  return Float64Array.from({ length: mostPoints }, (_, i) => curve[Math.round(i * step)]);
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
