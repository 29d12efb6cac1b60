import { randomStream } from '../../base/random.js';
import type { Network } from '../../records.js';
import { float32, labels, noise, offsets, quantisation, scales } from './answers.js';
import { headed, linearPath, twoActivations } from './compound.js';
import { type Draw, drawFrom, suiteActivations } from './draw.js';
import { decisionTrees, gaussians, polynomials, rationals, sawTeeth, sines, steps } from './functions.js';
import { bounds, pairs } from './given.js';
import { dead, duplicated, far, rare, tiny, twins } from './hidden.js';
import { deep, oneNeuron, plain } from './networks.js';
import { type CertaintyProblem, type Draft, float64 } from './problem.js';

/** The kinds of targets, each with what makes one; problem i is of kind i modulo their number. */
const families: Readonly<Record<string, (draw: Draw) => Draft>> = {
  plain,
  deep,
  twins,
  rare,
  far,
  tiny,
  dead,
  duplicated,
  'one neuron': oneNeuron,
  'linear path': linearPath,
  'two activations': twoActivations,
  heads: headed,
  polynomials,
  sines,
  Gaussians: gaussians,
  rational: rationals,
  steps,
  'saw teeth': sawTeeth,
  'decision trees': decisionTrees,
  noise,
  quantisation,
  labels,
  scales,
  offsets,
  float32,
  bounds,
  pairs,
};

/** Names of the kinds, in the order in which they come round. */
export const certaintyKinds: readonly string[] = Object.keys(families);

/** How often the recovery is told the true activation, another one, or the true depth; else it finds them. */
const told = { right: 0.12, wrong: 0.08, depth: 0.1 };

/** By how many activations one kind is ahead of the kind before. */
const activationStride = 3;

/** Problem `index` of the suite with this seed: the same for every machine, number of threads and order. */
export function certaintyProblem(seed: number, index: number): CertaintyProblem {
  const place = index % certaintyKinds.length;
  // kinds begin at different activations, so that a short run meets several
  const turn = Math.floor(index / certaintyKinds.length) + activationStride * place;
  const kind = certaintyKinds[place];
  const draft = families[kind](drawFrom(randomStream('certainty 1', seed, index, kind), turn));
  const draw = drawFrom(randomStream('certainty 1 told', seed, index), turn);
  const choice = draw.random.uniform();
  const others = suiteActivations.filter((name) => name !== draft.activation);
  const activation =
    choice < told.right ? draft.activation : choice < told.right + told.wrong ? draw.pick(others) : undefined;
  const depth = draft.truth !== null && draw.chance(told.depth) ? hiddenLayers(draft.truth) : undefined;
  return {
    ...draft,
    kind,
    seed,
    index,
    answers: draft.answers ?? (() => draft.exact),
    precision: draft.precision ?? float64,
    options: {
      seed: draw.random.integer(2 ** 31),
      ...(activation !== undefined && { activation }),
      ...(depth !== undefined && { depth }),
      ...(draft.bounds !== undefined && { bounds: draft.bounds }),
    },
  };
}

const hiddenLayers = ({ layers }: Network) => layers.length - 1;
