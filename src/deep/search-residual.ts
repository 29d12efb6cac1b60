import { candidatesFor } from '../expand/candidates.js';
import { randomDeepParameters } from '../expand/deep-students.js';
import { type ActivationName, activations } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { isBounded, isTriedFirst } from '../network/families.js';
import type { Fitted } from '../optimise/fit.js';
import { removeSuperfluousDeep } from '../polish/delete-deep.js';
import { lossOf } from '../polish/loss.js';
import { descend, descendWith, type PolishedDeep, polishDeep, untilMinimum } from '../polish/polish-deep.js';
import { type Dataset, type DeepStudent, goOn, lastPairs } from '../records.js';
import type { DeepSearchContext } from './context.js';

/** A network whose layers are seen past the next one, as small as deletion tests make it. */
export interface ResidualFind {
  readonly network: PolishedDeep;
  /** Widths of the student that it was left of, and the spread of its queries. */
  readonly widths: readonly number[];
  readonly spread: number;
}

/**
 * Waves of students, in turn. Of tanh 6-6 neurons of 8 inputs in float64, the second layer residual, one of three
 * students of 10-10 came to the floor within 200 iterations and 0.7 s, and the others to 6e-12 and 1e-9.
 */
const waves: readonly { readonly widths: readonly number[]; readonly spread: number }[] = [
  { widths: [10, 10], spread: 1.5 },
  { widths: [10, 10, 10], spread: 1 },
  { widths: [16, 16], spread: 1.5 },
  { widths: [14, 14, 14], spread: 1 },
];

/** Students with paths, and without, of each hypothesis in the race, and their iterations. */
const race = { students: 2, maxIterations: 60 };

/**
 * Students with paths lead where they leave this share of what those without leave: of the target above 2e-8 of the
 * variance after 50 iterations, where those without had 6e-5. Once they are so near, they lead in any case.
 */
const lead = 0.05;

/** Students of the hypothesis that leads, those of the race among them, and how they go on. */
const leaders = { students: 4, maxIterations: 300 };

/** Residuals a parameter, the fewest samples, and fresh ones that a student at the floor must answer. */
const samples = { perParameter: 5, least: 400, fresh: 300 };

/** Iterations of students with more parameters take too long for a race that most targets lose. */
const mostParameters = 1200;

/** Students that come so near, relative to the variance, get to the floor without their superfluous neurons. */
const near = 1e-12;

/** Without its paths a network leaves so many times the floor, or they are none. */
const worthAPath = 10;

/**
 * Looks for residual layers, h + σ(W·h + b) (method.md §7): students of which every layer sees all earlier hidden ones
 * race against those that see the last alone, and where they lead far, descend to the floor and lose the neurons that
 * they have too many. Where what is left does as well without its paths, it is a network without them.
 */
export async function searchResidual(
  context: DeepSearchContext,
  shown: ActivationName | undefined,
): Promise<ResidualFind | undefined> {
  let hypotheses = hypothesesFor(context, shown);
  for (const [place, { widths, spread }] of waves.entries()) {
    if (context.depth !== 'auto' && context.depth !== widths.length) continue;
    const own = widths.map((width) => Math.max(width, Math.ceil((width * context.inputs) / 8)));
    const raced = await raceOf(hypotheses, { widths: own, spread, place }, context);
    if (raced === undefined) return undefined;
    const network = await smallestOf(raced, spread, context);
    if (network !== undefined) {
      context.students.push(...raced.students);
      return { network, widths: own, spread };
    }
    hypotheses = [raced.leader];
  }
  return undefined;
}

/**
 * The activations that may be. Behind ReLU neurons a path is what further ones give on, as they are never negative: such
 * targets are networks without paths.
 */
function hypothesesFor(
  { activation, grows }: DeepSearchContext,
  shown: ActivationName | undefined,
): ActivationName[] {
  const all = candidatesFor(activation).map(({ trained }) => trained);
  const likely = all.length === 1 ? all : all.filter(isTriedFirst);
  return likely
    .filter((name) => !activations[name].homogeneous)
    .filter((name) => all.length === 1 || grows === undefined || grows !== isBounded(name))
    .filter((name) => shown === undefined || shown === name);
}

interface Wave {
  readonly widths: readonly number[];
  readonly spread: number;
  readonly place: number;
}

interface Raced {
  readonly leader: ActivationName;
  readonly atFloor: readonly Fitted<DeepShape>[];
  readonly dataset: Dataset;
  readonly students: readonly DeepStudent[];
}

/** One wave: undefined where those with paths do not lead. */
async function raceOf(
  hypotheses: readonly ActivationName[],
  { widths, spread, place }: Wave,
  context: DeepSearchContext,
): Promise<Raced | undefined> {
  const { inputs, outputs, seed, takeSamples, tolerances, statistics, fitter, onEvent } = context;
  const tolerance = tolerances.training;
  const like = { inputs, widths, outputs, slope: 0, skip: true, residual: true };
  const p = deepParameterCount(like);
  const wanted = Math.max(samples.least, Math.ceil((samples.perParameter * p) / outputs));
  if (hypotheses.length === 0 || p > mostParameters || wanted > context.available) return undefined;
  const dataset = await takeSamples(spread, wanted);
  onEvent?.({ kind: 'wave', width: widths[0], widths, spread, students: hypotheses.length * race.students });
  const start = (shape: DeepShape, i: number) =>
    randomDeepParameters(shape, spread, [seed, 'residual student', shape.activation, place, i]);
  const job = (shape: DeepShape, from: Float64Array, maxIterations: number) =>
    descend(shape, from, dataset, { maxIterations, patience: 40, minDecrease: 0.1, tolerance });
  const begin = (shapes: readonly DeepShape[], first: number, count: number, maxIterations: number) =>
    fitter.fit(
      shapes.flatMap((shape) =>
        Array.from({ length: count }, (_, i) => job(shape, start(shape, first + i), maxIterations)),
      ),
    );
  const passed = hypotheses.map((activation): DeepShape => ({ ...like, activation }));
  const begun = await begin(passed, 0, race.students, race.maxIterations);
  const [best] = [...begun].sort((a, b) => a.loss - b.loss);
  const leader = best.shape.activation;
  if (place === 0) {
    const plain = { ...like, skip: false, residual: undefined, activation: leader };
    const others = await begin([plain], 0, race.students, race.maxIterations);
    if (!(best.loss <= lead * Math.min(...others.map(({ loss }) => loss)))) return undefined;
  }
  const own = begun.filter(({ shape }) => shape.activation === leader);
  const further = await fitter.fit(own.map((one) => job(one.shape, one.parameters, leaders.maxIterations)));
  const more = await begin(
    [{ ...like, activation: leader }],
    race.students,
    leaders.students - race.students,
    race.maxIterations + leaders.maxIterations,
  );
  const fitted = [...own.map((one, i) => ({ ...one, ...goOn(one, further[i]) })), ...more];
  const isNear = ({ loss }: Fitted<DeepShape>) =>
    loss <= Math.max(tolerance, near * statistics.scaledVariance);
  const students = fitted.map(
    (one, i): DeepStudent => ({
      ...one,
      index: context.students.length + i,
      start: 'random',
      peeled: 0,
      spread,
      samples: dataset.count,
      atFloor: isNear(one),
    }),
  );
  for (const student of students) onEvent?.({ kind: 'student', student });
  const atFloor = fitted.filter(isNear).sort((a, b) => a.loss - b.loss);
  return { leader, atFloor, dataset, students };
}

/** Students at the floor that are made small, best first. */
const pruned = 2;

/** The network with the fewest weights that is left of students at the floor, if it answers fresh samples too. */
async function smallestOf(
  { atFloor, dataset }: Raced,
  spread: number,
  { takeSamples, tolerances, fitter }: DeepSearchContext,
): Promise<PolishedDeep | undefined> {
  let best: PolishedDeep | undefined;
  for (const { shape, parameters, loss } of atFloor.slice(0, pruned)) {
    const start = await polishDeep({ shape, parameters }, dataset, fitter);
    const floor = Math.max(tolerances.training, 3 * Math.min(loss, start.loss));
    const { polished } = await removeSuperfluousDeep(start, dataset, floor, fitter);
    if (best !== undefined && best.parameters.length <= polished.parameters.length) continue;
    const fresh = lastPairs(await takeSamples(spread, dataset.count + samples.fresh), samples.fresh);
    if (lossOf(polished, fresh) > tolerances.validation) continue;
    const bare = withoutPaths(polished);
    const plain = await descendWith(untilMinimum(bare.shape), bare, dataset, fitter);
    best = plain.loss <= worthAPath * floor ? plain : polished;
  }
  return best;
}

/** The network without what passes its layers. */
function withoutPaths({ shape, parameters }: PolishedDeep) {
  const rows = deepBlocks(shape).flatMap(({ at, rows: count, columns }, layer) =>
    Array.from({ length: count }, (_, j) => {
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      const own = layer === 0 ? shape.inputs : shape.widths[layer - 1];
      return [...row.subarray(0, own), row[columns - 1]];
    }),
  );
  const { residual: _, ...rest } = shape;
  return { shape: { ...rest, skip: false }, parameters: Float64Array.from(rows.flat()) };
}
