import { InputError } from '../base/errors.js';
import { erf, erfc } from './error-function.js';

/**
 * How a neuron can be mirrored without changing what its network can express (method.md §2):
 * - `none`: it cannot; its incoming vector is identifiable exactly;
 * - `odd`: σ(−z) = k − σ(z), so (w̃, a) equals (−w̃, −a) up to the constant k·a;
 * - `even-linear`: σ(−z) = σ(z) − κz, so (w̃, a) equals (−w̃, a) plus the affine map κ·a·w̃ᵀx̃.
 */
export type Symmetry = 'none' | 'odd' | 'even-linear';

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
  /** Number of the kernel in `assembly/activations.ts`. */
  readonly kernel: number;
}

const logistic = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const normalDensity = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
const normalDistribution = (z: number) => 0.5 * erfc(-z * Math.SQRT1_2);
const logisticDerivative = (z: number) => logistic(z) * logistic(-z);

type Entry = Pick<Activation, 'value' | 'derivative' | 'symmetry'> & Partial<Activation>;

/** The order is the number of the kernel: append, never insert. */
const entries = {
  relu: {
    value: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    symmetry: 'even-linear',
    homogeneous: true,
  },
  leaky_relu: {
    value: (z, slope) => (z > 0 ? z : slope * z),
    derivative: (z, slope) => (z > 0 ? 1 : slope),
    symmetry: 'even-linear',
    evenSlope: (slope) => 1 + slope,
    homogeneous: true,
  },
  tanh: {
    value: Math.tanh,
    derivative: (z) => 1 - Math.tanh(z) ** 2,
    symmetry: 'odd',
  },
  sigmoid: {
    value: logistic,
    derivative: logisticDerivative,
    symmetry: 'odd',
    oddConstant: 1,
  },
  softplus: { value: softplus, derivative: logistic, symmetry: 'even-linear' },
  gelu: {
    value: (z) => z * normalDistribution(z),
    derivative: (z) => normalDistribution(z) + z * normalDensity(z),
    symmetry: 'even-linear',
  },
  silu: {
    value: (z) => z * logistic(z),
    derivative: (z) => logistic(z) * (1 + z * logistic(-z)),
    symmetry: 'even-linear',
  },
  elu: {
    value: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    symmetry: 'none',
  },
  erf: {
    value: erf,
    derivative: (z) => (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z),
    symmetry: 'odd',
  },
  g: {
    value: (z) => softplus(z) + logistic(4 * z),
    derivative: (z) => logistic(z) + 4 * logisticDerivative(4 * z),
    symmetry: 'none',
  },
} satisfies Record<string, Entry>;

/** The name of a supported activation. */
export type ActivationName = keyof typeof entries;

/** Every supported activation by name. */
export const activations = Object.fromEntries(
  Object.entries(entries).map(([name, entry], kernel) => [
    name,
    { name, oddConstant: 0, evenSlope: () => 1, homogeneous: false, kernel, ...entry },
  ]),
) as unknown as Readonly<Record<ActivationName, Activation>>;

/** Names of all supported activations, in the order of their kernels. */
export const activationNames = Object.keys(entries) as readonly ActivationName[];

/** Activations between two limits. */
export const boundedActivations: readonly ActivationName[] = ['tanh', 'sigmoid', 'erf'];

/** The slope below zero that PyTorch gives leaky ReLU when none is named. */
export const defaultLeakySlope = 0.01;

/** Looks an activation up; throws `InputError` with the list of names when there is none called `name`. */
export function activationNamed(name: string): Activation {
  if (!Object.hasOwn(activations, name)) {
    throw new InputError(`unknown activation '${name}', expected one of ${activationNames.join(', ')}`);
  }
  return activations[name as ActivationName];
}
