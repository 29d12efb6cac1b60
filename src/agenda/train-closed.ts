import { randomStream } from '../base/random.js';
import { type Axes, incomingFromAxes, incomingOntoAxes, ontoAxes } from '../closed-form/axes.js';
import type { Candidate } from '../expand/candidates.js';
import { usesSkip } from '../expand/expand.js';
import { type Reached, validate } from '../expand/search.js';
import { type ShallowShape, shallowParameterCount, splitParameters } from '../network/shallow.js';
import { descentFrom } from '../optimise/fit.js';
import { mostFormed } from '../optimise/inverse-in-place.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import type { Search } from '../problem/problem.js';
import { resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import { samplesOf } from '../records.js';
import { spread } from './closed-field.js';

/** Samples a parameter that a student of the exact width is trained on, as many as the last descent will want. */
const residualsPerParameter = 4;
const fewestSamples = 300;

/** A descent from a start that is right in all neurons takes ten iterations. */
const descent = { maxIterations: 60, patience: 8, minDecrease: 0.2, initialDamping: 1e-5 };

/** A student that stalled below this part of the answers' variance lacks few neurons: a wider one goes on from it. */
const nearlyThere = 1e-2;

/** So many random neurons are added to it, as part of its own, and it may take longer: g in float32 took 37 iterations. */
const added = 0.25;
const longer = { ...descent, maxIterations: 100, patience: 15, minDecrease: 0.1 };

/**
 * A student of exactly the width, from incoming vectors along axes (m × (k + 1)), on the samples that the last descent
 * sees too. Where it stalls near the floor, one that is wider by a quarter goes on from it.
 */
export async function trainFrom(
  incoming: Float64Array,
  candidate: Candidate,
  axes: Axes,
  search: Search,
): Promise<Reached | undefined> {
  const exact = await trainWidth(incoming, candidate, axes, search);
  if (exact.reached !== undefined) {
    return (await trainWithoutPath(exact.reached, axes, search)) ?? exact.reached;
  }
  const { task, statistics } = search.problem;
  if (exact.loss > nearlyThere * statistics.scaledVariance) return undefined;
  const { inputs: k } = task;
  const { seed, register } = search.attempt.training;
  const random = randomStream(...register.name(seed, 'closed form', 'added', register.students.length));
  const hidden = Math.ceil((added * incoming.length) / (k + 1));
  const others = Float64Array.from(
    { length: hidden * (k + 1) },
    () => (1.5 * random.normal()) / Math.sqrt(k + 1),
  );
  const wider = Float64Array.from([...exact.incoming, ...others]);
  return (await trainWidth(wider, candidate, axes, search, longer)).reached;
}

/**
 * The same student without the path that neurons of an even + linear activation are trained beside, where that tells which
 * of them are mirrored and the network is so large that all that follows takes products: of gelu 64-128-64 the path is a
 * fifth of the weights, and 1,200 products beside it did not show what it leaves determined.
 */
async function trainWithoutPath(
  { candidate, students }: Reached,
  axes: Axes,
  search: Search,
): Promise<Reached | undefined> {
  const student = students.find(({ atFloor }) => atFloor)!;
  const { shape, parameters } = student;
  if (!shape.skip || candidate.path || candidate.leaky || parameters.length <= mostFormed) return undefined;
  const { relativeError } = search.problem.accuracy;
  const { signs, incoming } = resolveMirrors(student, candidate.trained, false, relativeError);
  if (signs?.kind !== 'resolved') return undefined;
  return (await trainWidth(incomingOntoAxes(axes, incoming), candidate, axes, search, descent, false))
    .reached;
}

/** A descent from incoming vectors (m × (k + 1)) along axes: where it ends, and what is reached with it. */
async function trainWidth(
  start: Float64Array,
  candidate: Candidate,
  axes: Axes,
  { problem: { task }, attempt: { training } }: Search,
  effort = descent,
  mayHavePath = true,
): Promise<{ readonly incoming: Float64Array; readonly loss: number; readonly reached?: Reached }> {
  const { inputs, outputs, tolerances } = task;
  const { fitter, register } = training;
  const hidden = start.length / (inputs + 1);
  const bare = { inputs, outputs, hidden, activation: candidate.trained, slope: 0 };
  const shape: ShallowShape = { ...bare, skip: mayHavePath && usesSkip(bare, 'random') };
  const count = Math.max(
    fewestSamples,
    Math.ceil((residualsPerParameter * shallowParameterCount(shape)) / outputs),
  );
  const dataset = await task.takeSamples(spread, count);
  register.begin({ width: hidden, spread, students: 1 });
  const samples = samplesOf({ ...dataset, inputs: ontoAxes(axes, dataset.inputs) });
  const options = { ...effort, tolerance: tolerances.training };
  const [fitted] = await fitter.fit([descentFrom(shape, start, samples, options)]);
  const { incoming } = splitParameters(shape, fitted.parameters);
  const parameters = withOutputWeights(shape, incomingFromAxes(axes, incoming), samplesOf(dataset));
  const students = register.add([{ ...fitted, parameters }], (_, { loss }) => ({
    start: 'known',
    spread,
    samples: dataset.count,
    atFloor: loss <= tolerances.training,
  }));
  const validated = await validate({ spread }, { candidate, students, dataset }, task, fitter);
  register.replace(validated.students);
  const isReached = validated.students.some(({ atFloor }) => atFloor);
  return { incoming: incoming.slice(), loss: fitted.loss, ...(isReached && { reached: validated }) };
}
