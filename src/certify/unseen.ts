import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { type ShallowShape, splitParameters } from '../network/shallow.js';
import { dot } from '../numeric/dot.js';
import type { Dataset, Deletion } from '../records.js';

/** What the answers show badly or not at all; neurons and inputs are numbered from 0, as in the network. */
export interface Unseen {
  /** Inputs whose weights are, in every neuron, no larger than what rounding or noise can fake. */
  readonly inputsWithoutInfluence: readonly number[];
  /** Neurons whose weights are known badly: relative standard error of the incoming or outgoing vector. */
  readonly uncertain: readonly { readonly neuron: number; readonly relativeError: number }[];
  /** Neurons that are nearly the same: the sine of the angle between their incoming vectors. */
  readonly alike: readonly { readonly neurons: readonly [number, number]; readonly sine: number }[];
  /** Neurons whose removal raises the loss by little: a factor on the loss, after the others were re-fitted. */
  readonly weak: readonly { readonly neuron: number; readonly factor: number }[];
  /** Neurons that meet their limits at kinks, and are on one side of one in almost all samples. */
  readonly hardlySwitching: readonly { readonly neuron: number; readonly share: number }[];
  /** What no answer can tell apart, for this activation, in words. */
  readonly equivalents: readonly string[];
}

/** What `findUnseen` looks at: a network in the whole input space, samples of it, standard errors of its weights. */
export interface UnseenInput {
  readonly shape: ShallowShape;
  readonly parameters: Float64Array;
  /** NaN or infinite where a weight is not determined. */
  readonly standardErrors: Float64Array;
  readonly samples: Dataset;
  /** Incoming vectors by which the deletion tests name neurons, in the order of the network's neurons. */
  readonly tested: Float64Array;
  readonly deletions: readonly Deletion[];
  /** Loss of the network, or its floor where that is higher. */
  readonly baseline: number;
}

/** Weights within so many standard errors of zero have no influence that could be shown. */
const errorsAroundZero = 4;

/** Relative to the largest weight of its neuron, a float64 weight below this is rounding. */
const weightRounding = 1e-13;

/** Relative errors, sines, factors and shares that are named. */
const named = { relativeError: 1e-4, sine: 0.02, factor: 100, share: 0.005 };

/** Finds what the answers hardly show (method.md §9). */
export function findUnseen(input: UnseenInput): Unseen {
  const { shape } = input;
  return {
    inputsWithoutInfluence: withoutInfluence(input),
    uncertain: uncertainNeurons(input),
    alike: alikeNeurons(input),
    weak: weakNeurons(input),
    hardlySwitching: activations[shape.activation].tail === 'meets' ? hardlySwitching(input) : [],
    equivalents: equivalentsOf(shape),
  };
}

/** Numbers with their noun: `input 3`, `inputs 3, 5 and 7`; more than 20 are cut short. */
export function listNumbers(noun: string, numbers: readonly number[]): string {
  if (numbers.length === 1) return `${noun} ${numbers[0]}`;
  const shown = numbers.slice(0, 20);
  const rest = numbers.length - shown.length;
  const last = rest > 0 ? `${rest} more` : String(shown.pop());
  return `${noun}s ${shown.join(', ')} and ${last}`;
}

/** One sentence, less its end, for everything that was found. */
export function describeUnseen(unseen: Unseen): string[] {
  const { inputsWithoutInfluence: inputs, uncertain, alike, weak, hardlySwitching: still } = unseen;
  const shown = (value: number) => value.toExponential(1);
  const lines: string[] = [];
  if (inputs.length > 0) {
    lines.push(`${listNumbers('input', inputs)} without visible influence: any small weight fits as well`);
  }
  for (const { neuron, relativeError } of uncertain) {
    const size = Number.isFinite(relativeError)
      ? `only to ${shown(relativeError)} of their size`
      : 'not at all';
    lines.push(`the weights of neuron ${neuron} are determined ${size}`);
  }
  for (const { neurons, sine } of alike) {
    lines.push(
      `${listNumbers('neuron', neurons)} are nearly alike (sine ${shown(sine)}): one with the sum of their outgoing weights answers almost the same`,
    );
  }
  for (const { neuron, factor } of weak) {
    lines.push(`neuron ${neuron} stands out little: without it the loss is ${shown(factor)} times as high`);
  }
  for (const { neuron, share } of still) {
    lines.push(
      `neuron ${neuron} switches in ${(100 * share).toFixed(1)} % of the samples: elsewhere it is affine`,
    );
  }
  return lines;
}

function withoutInfluence({ shape, parameters, standardErrors }: UnseenInput): number[] {
  const { inputs: d, hidden: m } = shape;
  const { incoming } = splitParameters(shape, parameters);
  const errors = splitParameters(shape, standardErrors).incoming;
  const largest = Array.from({ length: m }, (_, j) =>
    incoming.subarray(j * (d + 1), j * (d + 1) + d).reduce((most, w) => Math.max(most, Math.abs(w)), 0),
  );
  return Array.from({ length: d }, (_, k) => k).filter((k) =>
    largest.every((most, j) => {
      const at = j * (d + 1) + k;
      const error = Number.isNaN(errors[at]) ? 0 : errors[at];
      return Math.abs(incoming[at]) <= Math.max(errorsAroundZero * error, weightRounding * most);
    }),
  );
}

function uncertainNeurons({ shape, parameters, standardErrors }: UnseenInput): Unseen['uncertain'] {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const values = splitParameters(shape, parameters);
  const errors = splitParameters(shape, standardErrors);
  if (standardErrors.every(Number.isNaN)) return [];
  const relative = (from: Float64Array, spread: Float64Array, indices: number[]) =>
    Math.hypot(...indices.map((i) => spread[i])) / Math.hypot(...indices.map((i) => from[i]));
  return Array.from({ length: m }, (_, neuron) => {
    const row = Array.from({ length: d + 1 }, (_, k) => neuron * (d + 1) + k);
    const column = Array.from({ length: o }, (_, k) => k * (m + 1) + neuron);
    const incoming = relative(values.incoming, errors.incoming, row);
    const outgoing = relative(values.outgoing, errors.outgoing, column);
    return { neuron, relativeError: Math.max(incoming, outgoing) };
  }).filter(({ relativeError }) => !(relativeError <= named.relativeError));
}

function alikeNeurons({ shape, parameters }: UnseenInput): Unseen['alike'] {
  const { inputs: d, hidden: m, activation } = shape;
  const { incoming } = splitParameters(shape, parameters);
  const { homogeneous } = activations[activation];
  const vectors = Array.from({ length: m }, (_, j) => incoming.subarray(j * (d + 1), (j + 1) * (d + 1)));
  const alike: { neurons: [number, number]; sine: number }[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      const [u, v] = [vectors[i], vectors[j]];
      const [uu, vv, uv] = [dot(u, u), dot(v, v), dot(u, v)];
      const sine = Math.sqrt(Math.max(0, 1 - (uv * uv) / (uu * vv)));
      // parallel vectors of different length are different neurons unless the length is free
      const isSameLength = homogeneous || Math.abs(Math.log(uu / vv)) < 2 * named.sine;
      if (sine < named.sine && isSameLength) alike.push({ neurons: [i, j], sine });
    }
  }
  return alike;
}

function weakNeurons({ shape, tested, deletions, baseline }: UnseenInput): Unseen['weak'] {
  const size = tested.length / shape.hidden;
  const neuronOf = (vector: Float64Array) =>
    Array.from({ length: shape.hidden }, (_, j) => j).find((j) =>
      vector.every((value, k) => value === tested[j * size + k]),
    );
  return deletions
    .filter(({ removed, lossWithout }) => !removed && lossWithout < named.factor * baseline)
    .flatMap(({ incoming, lossWithout }) => {
      const neuron = neuronOf(incoming);
      return neuron === undefined ? [] : [{ neuron, factor: lossWithout / baseline }];
    })
    .sort((a, b) => a.neuron - b.neuron);
}

function hardlySwitching({ shape, parameters, samples }: UnseenInput): Unseen['hardlySwitching'] {
  const { kinks } = activations[shape.activation];
  const { inputs: d, hidden: m } = shape;
  const { incoming } = splitParameters(shape, parameters);
  return Array.from({ length: m }, (_, neuron) => {
    const beyond = kinks.map(() => 0);
    for (let n = 0; n < samples.count; n++) {
      const z = sumAt(incoming, neuron * (d + 1), d, samples.inputs, n * d);
      for (const [i, kink] of kinks.entries()) if (z > kink) beyond[i]++;
    }
    return {
      neuron,
      share: Math.min(...beyond.map((on) => Math.min(on, samples.count - on))) / samples.count,
    };
  }).filter(({ share }) => share < named.share);
}

function equivalentsOf({ activation }: ShallowShape): string[] {
  const { symmetry, homogeneous, middle, halfPeriod } = activations[activation];
  const turned = middle === 0 ? '' : `, and its bias moved by ${2 * middle}`;
  return [
    'the same neurons in another order',
    ...(symmetry === 'odd'
      ? [`a neuron with the signs of its incoming and outgoing weights turned${turned}`]
      : []),
    ...(halfPeriod !== null
      ? ['a neuron with its bias moved by π and the signs of its outgoing weights turned']
      : []),
    ...(homogeneous ? ['a neuron with incoming weights times s > 0 and outgoing weights divided by s'] : []),
    'one neuron for several with the same incoming weights, with the sum of their outgoing weights',
    'a network with further neurons whose outgoing weights are 0 or whose outputs are constant where it was asked',
  ];
}
