import { clusterDefaults, clusterStudents, vectorsAt } from '../cluster/cluster.js';
import type { Candidate } from '../expand/candidates.js';
import { type Reached, validate } from '../expand/search.js';
import { shallowParameterCount } from '../network/shallow.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import type { Search } from '../problem/problem.js';
import { type Clustering, type Cut, firstPairs, type Student, samplesOf } from '../records.js';
import { addStudents, few, fitByAdam, type Given, openGiven, shapeOf, startFrom } from './given-students.js';

/** Batches of 256 samples in a race and in a wave, which sees all samples, and the students of a wave. */
const effort = { race: 3000, wave: 7500, students: 3, raceSamples: 10_000 };

/** Widths of the students, and the least part of the variance that one which is too narrow leaves. */
const widths = { first: 32, most: 256, narrow: 1e-4 };

/** Hypotheses that go on after the race: those which left at most so many times what the best did. */
const goOn = { hypotheses: 3, times: 30 };

/** Waves that begin at what students share, after those from random weights. */
const wavesBeside = 2;

/** The second order from neurons that are right falls a hundredfold an iteration; from others it crawls. */
const descent = { maxIterations: 60, patience: 6, minDecrease: 0.7, initialDamping: 1e-6 };
const residualsPerParameter = 20;
const fewestSamples = 5000;

/** A cut that leaves more of the variance is no start for the second order. */
const worthwhile = 0.1;

/** So many other cuts are tried, those that leave least. */
const mostCuts = 2;

/**
 * One hidden layer from many given pairs, about which nothing can be asked: hypotheses race by Adam on the data as they
 * are, students of the winner show the neurons that they share, and the second order takes those, at the width that they
 * are, to the floor (method.md §3).
 */
export async function searchGiven(
  candidates: readonly Candidate[],
  search: Search,
): Promise<Reached | undefined> {
  if (candidates.length === 0) return undefined;
  const given = await openGiven(search);
  const raced = await race(candidates, given);
  for (const { candidate, width, student } of raced) {
    const reached = await searchHypothesis(candidate, width, student, given);
    if (reached !== undefined) return reached;
  }
  return undefined;
}

interface Raced {
  readonly candidate: Candidate;
  readonly width: number;
  readonly student: Student;
}

/** The hypotheses that go on, best first, with their students: one each, wider ones where all are too narrow. */
async function race(candidates: readonly Candidate[], given: Given): Promise<Raced[]> {
  const variance = given.search.problem.statistics.scaledVariance;
  let racing = [...candidates];
  let before = Number.POSITIVE_INFINITY;
  let raced: Raced[] = [];
  for (let width = widths.first; width <= widths.most; width *= 2) {
    const shapes = racing.map((candidate) => shapeOf(candidate, width, given));
    const starts = shapes.map((shape) => startFrom(shape, undefined, given));
    const fitted = await fitByAdam(shapes, starts, effort.race, given, effort.raceSamples);
    const seen = Math.min(given.dataset.count, effort.raceSamples);
    const students = addStudents(fitted, given.plain.axes, seen, given, () => false);
    raced = racing
      .map((candidate, i) => ({ candidate, width, student: students[i] }))
      .sort((a, b) => a.student.loss - b.student.loss);
    const best = raced[0].student.loss;
    raced = raced.filter(({ student }) => student.loss <= goOn.times * best).slice(0, goOn.hypotheses);
    // wider ones that come no nearer are of another kind than the target
    if (best <= widths.narrow * variance || best > before / 2) break;
    before = best;
    racing = raced.map(({ candidate }) => candidate);
  }
  return raced;
}

/** Students of one hypothesis, what they share, and the second order from there; again from what they share. */
async function searchHypothesis(
  candidate: Candidate,
  first: number,
  raced: Student,
  given: Given,
): Promise<Reached | undefined> {
  const { kernels } = given.search.attempt.environment;
  const variance = given.search.problem.statistics.scaledVariance;
  let [width, students, shared]: [number, Student[], Float64Array | undefined] = [first, [], undefined];
  for (let wave = 0; wave <= wavesBeside; wave++) {
    const shape = shapeOf(candidate, width, given);
    const starts = Array.from({ length: effort.students }, () => startFrom(shape, shared, given));
    const fitted = await fitByAdam(new Array(starts.length).fill(shape), starts, effort.wave, given);
    const { axes, samples } = given.plain;
    const own = addStudents(fitted, axes, samples.count, given, () => false);
    students = (wave === 0 ? [...own, raced] : own).sort((a, b) => a.loss - b.loss);
    const sample = firstPairs(given.dataset, Math.min(given.dataset.count, momentSamples(shape.inputs)));
    const clustering = clusterStudents(students, sample, kernels, {
      ...clusterDefaults,
      maxSamples: cutSamples,
    });
    const { incoming, chosen } = clustering;
    for (const cut of cutsToTry(clustering, variance)) {
      const own = cut === chosen ? incoming : vectorsAt(cut, students, sample, kernels);
      const reached = await descendFrom(own, candidate, given);
      if (reached !== undefined) return reached;
    }
    shared = incoming;
    width = Math.max(first, 2 * Math.ceil(chosen.clusters));
  }
  return undefined;
}

/**
 * The cuts that the second order begins at: the chosen one, then those of other numbers of neurons that leave less than any
 * smaller one does. One neuron too few or too many makes it crawl.
 */
function cutsToTry({ cuts, chosen }: Clustering, variance: number): Cut[] {
  const bySize = cuts.toSorted((a, b) => a.clusters - b.clusters || a.loss - b.loss);
  let least = worthwhile * variance;
  const better = bySize.filter(({ loss }) => {
    const isBetter = loss < least / 2;
    if (isBetter) least = loss;
    return isBetter;
  });
  const others = better.filter(({ clusters }) => clusters !== chosen.clusters).slice(-mostCuts);
  return chosen.loss <= worthwhile * variance ? [chosen, ...others] : others;
}

/** Samples that tell the metric of the inputs. */
const momentSamples = (inputs: number) => Math.max(fewestSamples, 10 * inputs);

/** Samples that a cut is judged by. */
const cutSamples = 2000;

/** The second order on neurons (m × (d + 1)) at their width; students at the floor, or undefined. */
async function descendFrom(
  vectors: Float64Array,
  candidate: Candidate,
  given: Given,
): Promise<Reached | undefined> {
  const { problem, attempt } = given.search;
  const { tolerances } = problem.task;
  const { axes, samples: all } = given.even();
  const hidden = vectors.length / (given.dataset.inputDimension + 1);
  const shape = { ...shapeOf(candidate, hidden, given), inputs: axes.dimension };
  const wanted = Math.ceil((residualsPerParameter * shallowParameterCount(shape)) / shape.outputs);
  const samples = samplesOf(firstPairs(all, Math.min(all.count, Math.max(fewestSamples, wanted))));
  const start = withOutputWeights(
    shape,
    axes.onto(vectors),
    few(samples, shape),
    attempt.environment.kernels,
  );
  attempt.training.register.begin({ width: hidden, spread: 1, students: 1 });
  const [fitted] = await attempt.training.fitter.fit([
    {
      samples,
      shape,
      method: { kind: 'descend', start, options: { ...descent, tolerance: tolerances.training } },
    },
  ]);
  const students = addStudents([fitted], axes, samples.count, given, (loss) => loss <= tolerances.training);
  if (!students[0].atFloor) return undefined;
  const dataset = firstPairs(given.dataset, samples.count);
  const { fitter } = attempt.training;
  const validated = await validate({ spread: 1 }, { candidate, students, dataset }, problem.task, fitter);
  attempt.training.register.replace(validated.students);
  return validated.students.some(({ atFloor }) => atFloor) ? validated : undefined;
}
