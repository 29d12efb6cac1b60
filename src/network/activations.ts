import { InputError } from '../base/errors.js';
import {
  geluTanh,
  geluTanhDerivative,
  hardsigmoid,
  logistic,
  logisticDerivative,
  mish,
  mishDerivative,
  normalDensity,
  normalDistribution,
  seluAlpha,
  seluScale,
  softplus,
} from './activation-functions.js';
import { erf } from './error-function.js';
import { between, type Limits, likeReLU, line } from './limits.js';

/**
 * How a neuron can be mirrored without changing what its network can express (method.md §2):
 * - `none`: it cannot; its incoming vector is identifiable exactly;
 * - `odd`: σ(2m − z) = k − σ(z), so (w, b, a) equals (−w, 2m − b, −a) up to the constant k·a; m is 0 for most;
 * - `even-linear`: σ(−z) = σ(z) − κz, so (w̃, a) equals (−w̃, a) plus the affine map κ·a·w̃ᵀx̃.
 */
export type Symmetry = 'none' | 'odd' | 'even-linear';

/** σ(z) = constant + factor·τ(steepness·z + shift) for all z: a neuron of σ is one of τ with other weights. */
export interface Substitution {
  readonly steepness: number;
  readonly shift: number;
  readonly factor: number;
  readonly constant: number;
}

/** One entry of the table of activations: all that the recovery needs to know about σ. */
export interface Activation {
  readonly name: ActivationName;
  /** σ(z). `slope` is the slope below zero of leaky ReLU; other activations ignore it. */
  value(z: number, slope: number): number;
  /** σ′(z); at a kink, the derivative from the left. */
  derivative(z: number, slope: number): number;
  readonly symmetry: Symmetry;
  /** k and m of an odd activation, σ(2m − z) = k − σ(z). */
  readonly oddConstant: number;
  readonly middle: number;
  /** h of a periodic activation, σ(z + h) = −σ(z); null for the others. */
  readonly halfPeriod: number | null;
  /** κ of an even + linear activation, σ(−z) = σ(z) − κz. */
  evenSlope(slope: number): number;
  /** σ(s·z) = s·σ(z) for s > 0: the scale of an incoming vector is free. */
  readonly homogeneous: boolean;
  /** The lines that σ runs along far out, where `slope` is that of leaky ReLU; null where it does not come to rest. */
  limits(slope: number): Limits | null;
  /** How σ comes to those lines: it meets them, or nears them as exp(−z), exp(−z²) or 1/z; `never` without limits. */
  readonly tail: 'meets' | 'exponential' | 'gaussian' | 'algebraic' | 'never';
  /** Where σ′ jumps. */
  readonly kinks: readonly number[];
  /** The head of the family whose networks are the same functions, and how σ is written with it; null without one. */
  readonly family: (Substitution & { readonly of: ActivationName }) | null;
  /** What students compute where this activation is asked for: itself, or one that stands for it. */
  readonly trained: ActivationName;
  /** Place in the order in which `auto` tries activations; null where another one is tried in its place. */
  readonly tried: number | null;
  /** Number of the kernel in `assembly/activation-kinds.ts`. */
  readonly kernel: number;
}

/** Columns that every entry has to fill; the others have defaults, but `family` and `trained` name entries of the table. */
type Entry = Pick<Activation, 'value' | 'derivative' | 'symmetry' | 'limits' | 'tail' | 'tried'> &
  Partial<Omit<Activation, 'family' | 'trained'>> & {
    readonly family?: Substitution & { readonly of: string };
    readonly trained?: string;
  };

/** The order is the number of the kernel: append, never insert. */
const entries = {
  relu: {
    value: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    symmetry: 'even-linear',
    homogeneous: true,
    limits: likeReLU,
    tail: 'meets',
    kinks: [0],
    tried: 2,
  },
  leaky_relu: {
    value: (z, slope) => (z > 0 ? z : slope * z),
    derivative: (z, slope) => (z > 0 ? 1 : slope),
    symmetry: 'even-linear',
    evenSlope: (slope) => 1 + slope,
    homogeneous: true,
    limits: (slope) => ({ left: line(slope, 0), right: line(1, 0) }),
    tail: 'meets',
    kinks: [0],
    // leaky ReLU is ReLU with an affine path, whatever its slope
    trained: 'relu',
    tried: null,
  },
  tanh: {
    value: Math.tanh,
    derivative: (z) => 1 - Math.tanh(z) ** 2,
    symmetry: 'odd',
    limits: between(line(0, -1), line(0, 1)),
    tail: 'exponential',
    tried: 1,
  },
  sigmoid: {
    value: logistic,
    derivative: logisticDerivative,
    symmetry: 'odd',
    oddConstant: 1,
    limits: between(line(0, 0), line(0, 1)),
    tail: 'exponential',
    family: { of: 'tanh', steepness: 0.5, shift: 0, factor: 0.5, constant: 0.5 },
    tried: null,
  },
  softplus: {
    value: softplus,
    derivative: logistic,
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'exponential',
    tried: 3,
  },
  gelu: {
    value: (z) => z * normalDistribution(z),
    derivative: (z) => normalDistribution(z) + z * normalDensity(z),
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'gaussian',
    tried: 4,
  },
  silu: {
    value: (z) => z * logistic(z),
    derivative: (z) => logistic(z) * (1 + z * logistic(-z)),
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'exponential',
    tried: 5,
  },
  elu: {
    value: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    symmetry: 'none',
    limits: between(line(0, -1), line(1, 0)),
    tail: 'exponential',
    tried: 6,
  },
  erf: {
    value: erf,
    derivative: (z) => (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z),
    symmetry: 'odd',
    limits: between(line(0, -1), line(0, 1)),
    tail: 'gaussian',
    tried: 8,
  },
  g: {
    value: (z) => softplus(z) + logistic(4 * z),
    derivative: (z) => logistic(z) + 4 * logisticDerivative(4 * z),
    symmetry: 'none',
    limits: between(line(0, 0), line(1, 1)),
    tail: 'exponential',
    tried: 7,
  },
  relu6: {
    value: (z) => Math.min(Math.max(z, 0), 6),
    derivative: (z) => (z > 0 && z <= 6 ? 1 : 0),
    symmetry: 'odd',
    middle: 3,
    oddConstant: 6,
    limits: between(line(0, 0), line(0, 6)),
    tail: 'meets',
    kinks: [0, 6],
    family: { of: 'hardtanh', steepness: 1 / 3, shift: -1, factor: 3, constant: 3 },
    trained: 'hardtanh',
    tried: null,
  },
  hardtanh: {
    value: (z) => Math.min(Math.max(z, -1), 1),
    derivative: (z) => (z > -1 && z <= 1 ? 1 : 0),
    symmetry: 'odd',
    limits: between(line(0, -1), line(0, 1)),
    tail: 'meets',
    kinks: [-1, 1],
    tried: 13,
  },
  selu: {
    value: (z) => (z > 0 ? seluScale * z : seluScale * seluAlpha * Math.expm1(z)),
    derivative: (z) => (z > 0 ? seluScale : seluScale * seluAlpha * Math.exp(z)),
    symmetry: 'none',
    limits: between(line(0, -seluScale * seluAlpha), line(seluScale, 0)),
    tail: 'exponential',
    kinks: [0],
    tried: 12,
  },
  mish: {
    value: mish,
    derivative: mishDerivative,
    symmetry: 'none',
    limits: likeReLU,
    tail: 'exponential',
    tried: 10,
  },
  hardswish: {
    value: (z) => z * hardsigmoid(z),
    derivative: (z) => (z > 3 ? 1 : z > -3 ? z / 3 + 0.5 : 0),
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'meets',
    kinks: [-3, 3],
    tried: 11,
  },
  hardsigmoid: {
    value: hardsigmoid,
    derivative: (z) => (z > -3 && z <= 3 ? 1 / 6 : 0),
    symmetry: 'odd',
    oddConstant: 1,
    limits: between(line(0, 0), line(0, 1)),
    tail: 'meets',
    kinks: [-3, 3],
    family: { of: 'hardtanh', steepness: 1 / 3, shift: 0, factor: 0.5, constant: 0.5 },
    trained: 'hardtanh',
    tried: null,
  },
  gelu_tanh: {
    value: geluTanh,
    derivative: geluTanhDerivative,
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'gaussian',
    tried: 9,
  },
  softsign: {
    value: (z) => z / (1 + Math.abs(z)),
    derivative: (z) => (1 / (1 + Math.abs(z))) ** 2,
    symmetry: 'odd',
    limits: between(line(0, -1), line(0, 1)),
    tail: 'algebraic',
    tried: 15,
  },
  arctan: {
    value: Math.atan,
    derivative: (z) => 1 / (1 + z * z),
    symmetry: 'odd',
    limits: between(line(0, -Math.PI / 2), line(0, Math.PI / 2)),
    tail: 'algebraic',
    tried: 14,
  },
  sin: {
    value: Math.sin,
    derivative: Math.cos,
    symmetry: 'odd',
    halfPeriod: Math.PI,
    limits: () => null,
    tail: 'never',
    tried: 16,
  },
} satisfies Record<string, Entry>;

/** The name of a supported activation. */
export type ActivationName = keyof typeof entries;

/** Every supported activation by name. */
export const activations = Object.fromEntries(
  Object.entries(entries).map(([name, entry], kernel) => [
    name,
    {
      name,
      oddConstant: 0,
      middle: 0,
      halfPeriod: null,
      kinks: [],
      evenSlope: () => 1,
      homogeneous: false,
      family: null,
      trained: name,
      kernel,
      ...entry,
    },
  ]),
) as unknown as Readonly<Record<ActivationName, Activation>>;

/** Names of all supported activations, in the order of their kernels. */
export const activationNames = Object.keys(entries) as readonly ActivationName[];

/** The slope below zero that PyTorch gives leaky ReLU when none is named. */
export const defaultLeakySlope = 0.01;

/** Looks an activation up; throws `InputError` with the list of names when there is none called `name`. */
export function activationNamed(name: string): Activation {
  if (!Object.hasOwn(activations, name)) {
    throw new InputError(`unknown activation '${name}', expected one of ${activationNames.join(', ')}`);
  }
  return activations[name as ActivationName];
}
