import { InputError } from '../base/errors.js';
import { erf, erfc } from './error-function.js';

/**
 * How a neuron can be mirrored without changing what its network can express (method.md §2):
 * - `none`: it cannot; its incoming vector is identifiable exactly;
 * - `odd`: σ(−z) = k − σ(z), so (w̃, a) equals (−w̃, −a) up to the constant k·a;
 * - `even-linear`: σ(−z) = σ(z) − κz, so (w̃, a) equals (−w̃, a) plus the affine map κ·a·w̃ᵀx̃.
 */
export type Symmetry = 'none' | 'odd' | 'even-linear';

/** A line that an activation runs along far out: slope·z + constant. */
export interface Line {
  readonly slope: number;
  readonly constant: number;
}

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
  /** k of an odd activation, σ(−z) = k − σ(z). */
  readonly oddConstant: number;
  /** κ of an even + linear activation, σ(−z) = σ(z) − κz. */
  evenSlope(slope: number): number;
  /** σ(s·z) = s·σ(z) for s > 0: the scale of an incoming vector is free. */
  readonly homogeneous: boolean;
  /** The lines that σ runs along far out, where `slope` is that of leaky ReLU; null where it does not come to rest. */
  limits(slope: number): { readonly left: Line; readonly right: Line } | null;
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
  /** Number of the kernel in `assembly/activations.ts`. */
  readonly kernel: number;
}

const logistic = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const normalDensity = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
const normalDistribution = (z: number) => 0.5 * erfc(-z * Math.SQRT1_2);
const logisticDerivative = (z: number) => logistic(z) * logistic(-z);

/** A line of slope and constant. */
const line = (slope: number, constant: number): Line => ({ slope, constant });

/** The limits of an activation that does not depend on a slope. */
const between = (left: Line, right: Line) => {
  const limits = { left, right };
  return () => limits;
};

/** Those of most activations that grow: nothing on the left, z on the right. */
const likeReLU = between(line(0, 0), line(1, 0));

/** Columns that every entry has to fill; the others have defaults, but `family` and `trained` name entries of the table. */
type Entry = Pick<Activation, 'value' | 'derivative' | 'symmetry' | 'limits' | 'tail' | 'kinks' | 'tried'> &
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
    kinks: [],
    tried: 1,
  },
  sigmoid: {
    value: logistic,
    derivative: logisticDerivative,
    symmetry: 'odd',
    oddConstant: 1,
    limits: between(line(0, 0), line(0, 1)),
    tail: 'exponential',
    kinks: [],
    family: { of: 'tanh', steepness: 0.5, shift: 0, factor: 0.5, constant: 0.5 },
    tried: null,
  },
  softplus: {
    value: softplus,
    derivative: logistic,
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'exponential',
    kinks: [],
    tried: 3,
  },
  gelu: {
    value: (z) => z * normalDistribution(z),
    derivative: (z) => normalDistribution(z) + z * normalDensity(z),
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'gaussian',
    kinks: [],
    tried: 4,
  },
  silu: {
    value: (z) => z * logistic(z),
    derivative: (z) => logistic(z) * (1 + z * logistic(-z)),
    symmetry: 'even-linear',
    limits: likeReLU,
    tail: 'exponential',
    kinks: [],
    tried: 5,
  },
  elu: {
    value: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    symmetry: 'none',
    limits: between(line(0, -1), line(1, 0)),
    tail: 'exponential',
    kinks: [],
    tried: 6,
  },
  erf: {
    value: erf,
    derivative: (z) => (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z),
    symmetry: 'odd',
    limits: between(line(0, -1), line(0, 1)),
    tail: 'gaussian',
    kinks: [],
    tried: 8,
  },
  g: {
    value: (z) => softplus(z) + logistic(4 * z),
    derivative: (z) => logistic(z) + 4 * logisticDerivative(4 * z),
    symmetry: 'none',
    limits: between(line(0, 0), line(1, 1)),
    tail: 'exponential',
    kinks: [],
    tried: 7,
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

/** Whether an activation stays within bounds, rather than growing along a line. */
export function isBounded(name: ActivationName): boolean {
  const limits = activations[name].limits(defaultLeakySlope);
  return limits === null || (limits.left.slope === 0 && limits.right.slope === 0);
}

/** Those that `auto` tries, in its order. */
export const triedActivations: readonly ActivationName[] = activationNames
  .filter((name) => activations[name].tried !== null)
  .sort((a, b) => activations[a].tried! - activations[b].tried!);

/** The bounded activation that a step with such tails is read as: the first one tried. */
export function boundedWith(tail: Activation['tail']): ActivationName | undefined {
  return triedActivations.find((name) => isBounded(name) && activations[name].tail === tail);
}

/** The head of an activation's family: itself where it has none. */
export const headOf = (name: ActivationName): ActivationName => activations[name].family?.of ?? name;

/** Other activations whose networks are the same functions with other weights. */
export const relativesOf = (name: ActivationName): readonly ActivationName[] =>
  activationNames.filter((other) => other !== name && headOf(other) === headOf(name));

/** How `from` is written with `to`; undefined where they are not of one family. */
export function substitutionOf(from: ActivationName, to: ActivationName): Substitution | undefined {
  if (headOf(from) !== headOf(to)) return undefined;
  const same = { steepness: 1, shift: 0, factor: 1, constant: 0 };
  const outward = activations[from].family ?? same;
  const { steepness, shift, factor, constant } = activations[to].family ?? same;
  // σ(z) = c + q·τ(p·z + s) and ρ(y) = γ + φ·τ(π·y + ς): τ(u) = (ρ((u − ς)/π) − γ)/φ
  const gain = outward.factor / factor;
  return {
    steepness: outward.steepness / steepness,
    shift: (outward.shift - shift) / steepness,
    factor: gain,
    constant: outward.constant - gain * constant,
  };
}

/** The slope below zero that PyTorch gives leaky ReLU when none is named. */
export const defaultLeakySlope = 0.01;

/** Looks an activation up; throws `InputError` with the list of names when there is none called `name`. */
export function activationNamed(name: string): Activation {
  if (!Object.hasOwn(activations, name)) {
    throw new InputError(`unknown activation '${name}', expected one of ${activationNames.join(', ')}`);
  }
  return activations[name as ActivationName];
}
