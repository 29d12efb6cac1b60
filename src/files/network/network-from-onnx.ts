import { InputError } from '../../base/errors.js';
import {
  type ActivationName,
  activationNames,
  activations,
  defaultLeakySlope,
} from '../../network/activations.js';
import { type Head, headNames } from '../../network/head.js';
import { activationsOf } from '../../network/layer-names.js';
import type { LayerNorm } from '../../network/layer-norm.js';
import type { Layer, Network } from '../../records.js';
import { compileOnnx } from '../onnx/open.js';
import type { LinearStep, Program } from '../onnx/program.js';
import type { ReadBeside } from '../onnx/tensor.js';
import { type AffineMap, foldMap, matchHeadBehindMap } from './head-behind-map.js';
import { matchHead, runSegment, type Segment } from './head-from-onnx.js';
import { type ActivationMatch, type Affine, readGraph, segmentsTo } from './network-from-graph.js';
import { matchLeadingNorm, rescaleNorm } from './norm-from-onnx.js';

/** Arguments at which an activation is compared with the table: both sides of the kinks, the bends, the tails. */
const probes = [
  -30, -12.5, -6.1, -3.7, -2.3, -1.3, -1, -0.62, -0.21, -0.04, 0, 0.03, 0.27, 0.71, 1.1, 1.9, 2.8, 4.3, 7.2,
  30,
];

/** Largest relative difference from the table: constants like √2 are rounded to the file's number type. */
const tolerance = { float32: 1e-6, float64: 1e-9 };

/**
 * Reads the weights of a multilayer perceptron: affine layers with one activation between them, in whatever
 * operators it is written; it is identified by its values. Scalings and shifts around the activation are
 * folded into the layers. Weights in files beside it are read by `readBeside`. Throws `InputError`, naming the
 * file, for any other graph.
 */
export function readOnnxNetwork(bytes: Uint8Array, fileName: string, readBeside?: ReadBeside): Network {
  const { program } = compileOnnx(bytes, fileName, 'float64', { readBeside });
  try {
    return extractNetwork(program);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${fileName} is not a multilayer perceptron: ${error.message}`, { cause: error });
  }
}

function extractNetwork(program: Program): Network {
  const chain = splitChain(program);
  if (chain === undefined) return readWithPaths(program);
  const { linears, segments } = chain;
  if (linears.length < 2) {
    throw new InputError(`it has ${linears.length} affine layer, expected at least two`);
  }
  const names: ActivationName[] = [];
  const each: (Float64Array | undefined)[] = [];
  const norms: (LayerNorm | null)[] = [];
  let slope = 0;
  const before: Affine[][] = [affineChain(segments[0], 'before the first layer')];
  const after: Affine[][] = [];
  for (const [index, segment] of segments.slice(1, -1).entries()) {
    const place = `between layers ${index + 1} and ${index + 2}`;
    if (peelable(segment).length === segment.steps.length) {
      throw new InputError(`there is no activation ${place}`);
    }
    const normed = matchLeadingNorm(program, segment, peelable(segment));
    const own = normed?.rest ?? segment;
    const odd = own.steps.find(({ kind }) => kind === 'rowwise');
    if (odd) throw new InputError(`node '${odd.node}' is neither an affine layer nor an activation`);
    const found = matchSegment(program, own);
    if (found === undefined) {
      throw new InputError(`the activation ${place} is none of ${activationNames.join(', ')}`);
    }
    if (names.includes('leaky_relu') && found.activation === 'leaky_relu' && slope !== found.slope) {
      throw new InputError(`the slope of leaky_relu ${place} is ${found.slope}, after ${slope}`);
    }
    if (names.length === 0 || found.activation === 'leaky_relu') slope = found.slope;
    names.push(found.activation);
    each.push(found.slopes);
    norms.push(normed ? found.leading.reduce(rescaleNorm, normed.norm) : null);
    after.push(normed ? normed.leading : [...found.leading]);
    before.push([...found.trailing]);
  }
  const last = readTail(program, segments[segments.length - 1]);
  after.push(last.leading);
  const layers = linears.map((linear, index) => foldLayer(linear, before[index], after[index]));
  if (last.map !== undefined) layers.push(foldMap(layers.pop()!, last.map));
  const slopes = slopesOfLayers(each, layers);
  return {
    ...activationsOf(names),
    slope,
    ...(slopes && { slopes }),
    ...(norms.some((norm) => norm !== null) && { norms }),
    layers,
    ...(last.head && { head: last.head }),
  };
}

/** The slopes of all hidden layers where one of them has a slope for each neuron; the others have theirs in all places. */
function slopesOfLayers(
  each: readonly (Float64Array | undefined)[],
  layers: readonly Layer[],
): Float64Array[] | undefined {
  if (each.every((own) => own === undefined)) return undefined;
  return each.map((own, index) => own ?? new Float64Array(layers[index].outputs));
}

/** What comes after the last layer: affine steps, and a head behind those, perhaps with a map to its sums between. */
function readTail(program: Program, tail: Segment): { leading: Affine[]; head?: Head; map?: AffineMap } {
  const isPlain = tail.steps.every(
    (step) => step.kind === 'elementwise' && step.affine !== undefined && step.sources.length === 1,
  );
  if (isPlain) return { leading: affineChain(tail, 'after the last layer') };
  const leading = peelable(tail);
  for (let count = leading.length; count >= 0; count--) {
    const start = count === 0 ? tail.start : tail.steps[count - 1].target;
    const head = matchHead(program, { ...tail, start, steps: tail.steps.slice(count) });
    if (head !== undefined) return { leading: leading.slice(0, count), head };
  }
  const mapped = matchHeadBehindMap(program, tail);
  if (mapped !== undefined) return { leading: [], ...mapped };
  const known = headNames.filter((name) => name !== 'linear').join(', ');
  throw new InputError(`what comes after the last layer is none of ${known}`);
}

/** A network with paths past its layers, and the head behind it. */
function readWithPaths(program: Program): Network {
  const match = (segment: Segment) => matchSegment(program, segment);
  try {
    return readGraph(program, program.output, match);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { start, steps } of segmentsTo(program, program.output, () => true)) {
      const head = matchHead(program, { start, end: program.output, steps });
      if (head !== undefined) return { ...readGraph(program, start, match), head };
    }
    throw error;
  }
}

/**
 * Walks from the output back to the input; undefined when the graph is not one chain, as where paths pass layers. Throws
 * `InputError` for what is no affine layer.
 */
function splitChain(program: Program): { linears: LinearStep[]; segments: Segment[] } | undefined {
  const writers = new Map(program.steps.map((step) => [step.target, step]));
  const linears: LinearStep[] = [];
  const segments: Segment[] = [];
  let end = program.output;
  for (;;) {
    const needed = new Set<number>([end]);
    const starts = new Set<number>();
    for (const register of needed) {
      const step = writers.get(register);
      if (step?.kind === 'elementwise' || step?.kind === 'rowwise') {
        for (const source of step.sources) needed.add(source);
      } else starts.add(register);
    }
    if (starts.size > 1) return undefined;
    const [start] = starts;
    const steps = program.steps.filter(
      (step): step is Segment['steps'][number] =>
        step.kind !== 'linear' && needed.has(step.target) && !starts.has(step.target),
    );
    segments.unshift({ start, end, steps });
    const linear = writers.get(start);
    if (linear === undefined) return { linears, segments };
    if (linear.kind !== 'linear')
      throw new InputError(`node '${linear.node}' is neither an affine layer nor an activation`);
    linears.unshift(linear);
    end = linear.source;
  }
}

/** All steps of a segment as affine maps. */
function affineChain({ steps }: Segment, place: string): Affine[] {
  return steps.map((step) => {
    const affine = affineOf(step);
    if (affine === undefined || step.sources.length !== 1) {
      throw new InputError(`node '${step.node}' ${place} is not affine`);
    }
    return affine;
  });
}

const affineOf = (step: Segment['steps'][number]) => (step.kind === 'elementwise' ? step.affine : undefined);

/** Finds the activation in a segment, leaving the fewest affine steps before and after it. */
function matchSegment(program: Program, segment: Segment): ActivationMatch | undefined {
  const { steps } = segment;
  const leading = peelable(segment);
  const trailing: Affine[] = [];
  for (const step of steps.toReversed()) {
    const affine = affineOf(step);
    if (affine === undefined) break;
    trailing.unshift(affine);
  }
  for (let count = 0; count < steps.length; count++) {
    for (let first = Math.min(count, leading.length); first >= 0; first--) {
      const last = count - first;
      if (last > trailing.length) break;
      const inner: Segment = {
        start: first === 0 ? segment.start : steps[first - 1].target,
        end: last === 0 ? segment.end : steps[steps.length - last].sources[0],
        steps: steps.slice(first, steps.length - last),
      };
      const found = matchActivation(program, inner);
      if (found) {
        return {
          ...found,
          leading: leading.slice(0, first),
          trailing: trailing.slice(trailing.length - last),
        };
      }
    }
  }
  return undefined;
}

/** The affine steps at a segment's beginning that alone read what comes before them. */
function peelable({ start, steps }: Segment): Affine[] {
  const result: Affine[] = [];
  let register = start;
  for (const one of steps) {
    const { sources, target } = one;
    const affine = affineOf(one);
    const readers = steps.filter((step) => step.sources.includes(register));
    if (affine === undefined || sources[0] !== register || readers.length > 1) break;
    result.push(affine);
    register = target;
  }
  return result;
}

/** The activation that a segment computes in every column, if there is one in the table. */
function matchActivation(
  program: Program,
  segment: Segment,
): { activation: ActivationName; slope: number; slopes?: Float64Array } | undefined {
  const width = program.widths[segment.start];
  if (program.widths[segment.end] !== width) return undefined;
  const found = runSegment(
    program,
    segment,
    Float64Array.from({ length: probes.length * width }, (_, i) => probes[Math.floor(i / width)]),
  );
  const near = tolerance[program.elementType];
  for (const activation of activationNames) {
    const slope = activation === 'leaky_relu' ? -found[probes.indexOf(-1) * width] : defaultLeakySlope;
    if (activation === 'leaky_relu' && Math.abs(slope - 1) <= near) continue; // the identity
    const { value } = activations[activation];
    const same = found.every((y, i) => {
      const expected = value(probes[Math.floor(i / width)], slope);
      return Math.abs(y - expected) <= near * Math.max(1, Math.abs(expected));
    });
    if (same) return { activation, slope };
  }
  const slopes = Float64Array.from({ length: width }, (_, j) => -found[probes.indexOf(-1) * width + j]);
  const { value } = activations.leaky_relu;
  const isLeaky = found.every((y, i) => {
    const expected = value(probes[Math.floor(i / width)], slopes[i % width]);
    return Math.abs(y - expected) <= near * Math.max(1, Math.abs(expected));
  });
  const isLine = slopes.every((slope) => Math.abs(slope - 1) <= near);
  return isLeaky && !isLine ? { activation: 'leaky_relu', slope: slopes[0], slopes } : undefined;
}

/** W and b with the affine maps of the inputs before them and of the outputs after them folded in. */
function foldLayer(
  { weights, biases }: LinearStep,
  before: readonly Affine[],
  after: readonly Affine[],
): Layer {
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  const w = weights.slice();
  const b = biases.slice();
  for (const { scale, shift } of before.toReversed()) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        b[o] += w[o * inputs + i] * shift[i];
        w[o * inputs + i] *= scale[i];
      }
    }
  }
  for (const { scale, shift } of after) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) w[o * inputs + i] *= scale[o];
      b[o] = b[o] * scale[o] + shift[o];
    }
  }
  return { inputs, outputs, weights: w, biases: b };
}
