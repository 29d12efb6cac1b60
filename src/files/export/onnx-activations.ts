import { type ActivationName, activations } from '../../network/activations.js';
import { normalTailDenominator, normalTailNumerator } from '../../network/error-function.js';
import type { GraphWriter } from './onnx-nodes.js';

/** √(2/π) */
const geluFactor = Math.sqrt(2 / Math.PI);

const seluLimits = activations.selu.limits(0)!;

/** atan(t) = t + t³·q(t²), |t| ≤ tan(π/8): q, highest power first. */
const arctanCoefficients = [
  0.02275052699336167, -0.04483334622272886, 0.05736332165907643, -0.06649613695291669, 0.0769105515839315,
  -0.09090852557176049, 0.11111109636534361, -0.1428571426609662, 0.19999999999898407, -0.3333333333333325,
];

type Write = (graph: GraphWriter, x: string, slope: number) => string;

/**
 * Every activation written with operators for which ONNX Runtime has float64 kernels. It has none for
 * Softplus, Erf, Elu, LeakyRelu and Gelu. The forms agree with `activations` to about 1e-15 in absolute terms
 * and overflow nowhere.
 */
const float64Writers: Readonly<Record<ActivationName, Write>> = {
  relu: (graph, x) => graph.apply('Relu', [x]),
  // max(x, 0) − slope·max(−x, 0)
  leaky_relu: (graph, x, slope) => {
    const negative = graph.apply('Relu', [graph.apply('Neg', [x])]);
    const scaled = graph.apply('Mul', [negative, graph.constant(slope)]);
    return graph.apply('Sub', [graph.apply('Relu', [x]), scaled]);
  },
  tanh: (graph, x) => graph.apply('Tanh', [x]),
  sigmoid: (graph, x) => graph.apply('Sigmoid', [x]),
  softplus: writeSoftplus,
  // max(x, 0) − |x|·Φ(−|x|)
  gelu: (graph, x) => {
    const size = graph.apply('Min', [graph.apply('Abs', [x]), graph.constant(40)]);
    const product = graph.apply('Mul', [size, writeNormalTail(graph, size)]);
    return graph.apply('Sub', [graph.apply('Relu', [x]), product]);
  },
  // x/(1 + exp(−x)): ONNX Runtime 1.30 fuses x·Sigmoid(x) to a kernel that it has for float32 alone
  silu: (graph, x) => {
    const power = graph.apply('Exp', [graph.apply('Neg', [x])]);
    return graph.apply('Div', [x, graph.apply('Add', [power, graph.constant(1)])]);
  },
  // max(x, 0) + (exp(min(x, 0)) − 1)
  elu: (graph, x) => {
    const power = graph.apply('Exp', [graph.apply('Min', [x, graph.constant(0)])]);
    return graph.apply('Add', [graph.apply('Relu', [x]), graph.apply('Sub', [power, graph.constant(1)])]);
  },
  // sign(x)·(1 − 2Φ(−√2·|x|))
  erf: (graph, x) => {
    const scaled = graph.apply('Mul', [graph.apply('Abs', [x]), graph.constant(Math.SQRT2)]);
    const tail = writeNormalTail(graph, graph.apply('Min', [scaled, graph.constant(40)]));
    const size = graph.apply('Sub', [graph.constant(1), graph.apply('Mul', [tail, graph.constant(2)])]);
    return graph.apply('Mul', [graph.apply('Sign', [x]), size]);
  },
  g: (graph, x) => {
    const step = graph.apply('Sigmoid', [graph.apply('Mul', [x, graph.constant(4)])]);
    return graph.apply('Add', [writeSoftplus(graph, x), step]);
  },
  relu6: (graph, x) => graph.apply('Min', [graph.apply('Relu', [x]), graph.constant(6)]),
  hardtanh: (graph, x) => {
    const below = graph.apply('Min', [x, graph.constant(1)]);
    return graph.apply('Max', [below, graph.constant(-1)]);
  },
  // γ·max(x, 0) + γα·(exp(min(x, 0)) − 1)
  selu: (graph, x) => {
    const power = graph.apply('Exp', [graph.apply('Min', [x, graph.constant(0)])]);
    const below = graph.apply('Sub', [power, graph.constant(1)]);
    const left = graph.apply('Mul', [below, graph.constant(-seluLimits.left.constant)]);
    const right = graph.apply('Mul', [graph.apply('Relu', [x]), graph.constant(seluLimits.right.slope)]);
    return graph.apply('Add', [left, right]);
  },
  mish: (graph, x) => graph.apply('Mul', [x, graph.apply('Tanh', [writeSoftplus(graph, x)])]),
  hardswish: (graph, x) => graph.apply('Mul', [x, writeHardsigmoid(graph, x)]),
  hardsigmoid: writeHardsigmoid,
  // x·sigmoid(2·√(2/π)·(x + 0.044715·x³)), with x limited there to where the sigmoid is neither 0 nor 1
  gelu_tanh: (graph, x) => {
    const below = graph.apply('Min', [x, graph.constant(30)]);
    const near = graph.apply('Max', [below, graph.constant(-30)]);
    const sum = writeGeluSum(graph, near);
    const step = graph.apply('Sigmoid', [graph.apply('Mul', [sum, graph.constant(2 * geluFactor)])]);
    return graph.apply('Mul', [x, step]);
  },
  softsign: writeSoftsign,
  arctan: writeArctan,
  sin: (graph, x) => graph.apply('Sin', [x]),
};

/** The plain operators, for float32: ONNX Runtime has all of these kernels, and PyTorch writes the same ones. */
const float32Writers: Readonly<Record<ActivationName, Write>> = {
  relu: (graph, x) => graph.apply('Relu', [x]),
  leaky_relu: (graph, x, slope) => graph.apply('LeakyRelu', [x], { alpha: slope }),
  tanh: (graph, x) => graph.apply('Tanh', [x]),
  sigmoid: (graph, x) => graph.apply('Sigmoid', [x]),
  softplus: (graph, x) => graph.apply('Softplus', [x]),
  // x·½·(1 + erf(x/√2))
  gelu: (graph, x) => {
    const tail = graph.apply('Erf', [graph.apply('Div', [x, graph.constant(Math.SQRT2)])]);
    const product = graph.apply('Mul', [x, graph.apply('Add', [tail, graph.constant(1)])]);
    return graph.apply('Mul', [product, graph.constant(0.5)]);
  },
  silu: (graph, x) => graph.apply('Mul', [x, graph.apply('Sigmoid', [x])]),
  elu: (graph, x) => graph.apply('Elu', [x]),
  erf: (graph, x) => graph.apply('Erf', [x]),
  g: (graph, x) => {
    const step = graph.apply('Sigmoid', [graph.apply('Mul', [x, graph.constant(4)])]);
    return graph.apply('Add', [graph.apply('Softplus', [x]), step]);
  },
  relu6: (graph, x) => graph.apply('Clip', [x, graph.constant(0), graph.constant(6)]),
  hardtanh: (graph, x) => graph.apply('Clip', [x, graph.constant(-1), graph.constant(1)]),
  selu: (graph, x) => graph.apply('Selu', [x]),
  mish: (graph, x) => graph.apply('Mul', [x, graph.apply('Tanh', [graph.apply('Softplus', [x])])]),
  hardswish: (graph, x) => graph.apply('HardSwish', [x]),
  hardsigmoid: (graph, x) => graph.apply('HardSigmoid', [x], { alpha: 1 / 6 }),
  // x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  gelu_tanh: (graph, x) => {
    const inner = graph.apply('Mul', [writeGeluSum(graph, x), graph.constant(geluFactor)]);
    const step = graph.apply('Add', [graph.apply('Tanh', [inner]), graph.constant(1)]);
    return graph.apply('Mul', [graph.apply('Mul', [x, graph.constant(0.5)]), step]);
  },
  softsign: writeSoftsign,
  arctan: (graph, x) => graph.apply('Atan', [x]),
  sin: (graph, x) => graph.apply('Sin', [x]),
};

/** Appends the nodes of an activation of the value `x`; returns the name of its result. */
export function writeActivation(graph: GraphWriter, name: ActivationName, slope: number, x: string): string {
  const writers = graph.precision === 'float32' ? float32Writers : float64Writers;
  return writers[name](graph, x, slope);
}

/** (min(max(x + 3, 0), 6))/6 */
function writeHardsigmoid(graph: GraphWriter, x: string): string {
  const above = graph.apply('Relu', [graph.apply('Add', [x, graph.constant(3)])]);
  return graph.apply('Div', [graph.apply('Min', [above, graph.constant(6)]), graph.constant(6)]);
}

/** x + 0.044715·x³ */
function writeGeluSum(graph: GraphWriter, x: string): string {
  const cube = graph.apply('Mul', [graph.apply('Mul', [x, x]), x]);
  return graph.apply('Add', [x, graph.apply('Mul', [cube, graph.constant(0.044715)])]);
}

/** x/(1 + |x|) */
function writeSoftsign(graph: GraphWriter, x: string): string {
  const size = graph.apply('Abs', [x]);
  return graph.apply('Div', [x, graph.apply('Add', [size, graph.constant(1)])]);
}

/**
 * atan(x) = 4·atan(t), where x ↦ x/(1 + √(1 + x²)) halves the angle twice; atan(t) = t + t³·q(t²) for |t| ≤ tan(π/8) to
 * 1e-16 with the polynomial q of the kernels (assembly/coefficients.py). Beyond 1e100 the angle is π/2.
 */
function writeArctan(graph: GraphWriter, x: string): string {
  const half = (value: string) => {
    const square = graph.apply('Mul', [value, value]);
    const root = graph.apply('Sqrt', [graph.apply('Add', [square, graph.constant(1)])]);
    return graph.apply('Div', [value, graph.apply('Add', [root, graph.constant(1)])]);
  };
  const below = graph.apply('Min', [x, graph.constant(1e100)]);
  const t = half(half(graph.apply('Max', [below, graph.constant(-1e100)])));
  const square = graph.apply('Mul', [t, t]);
  const cube = graph.apply('Mul', [t, square]);
  const rest = graph.apply('Mul', [cube, writePolynomial(graph, arctanCoefficients, square)]);
  return graph.apply('Mul', [graph.apply('Add', [t, rest]), graph.constant(4)]);
}

/** A polynomial, highest power first. */
function writePolynomial(graph: GraphWriter, [first, ...rest]: readonly number[], x: string): string {
  return rest.reduce(
    (sum, coefficient) => graph.apply('Add', [graph.apply('Mul', [sum, x]), graph.constant(coefficient)]),
    graph.constant(first),
  );
}

/** max(x, 0) + log(1 + exp(−|x|)) */
function writeSoftplus(graph: GraphWriter, x: string): string {
  const power = graph.apply('Exp', [graph.apply('Neg', [graph.apply('Abs', [x])])]);
  const logarithm = graph.apply('Log', [graph.apply('Add', [power, graph.constant(1)])]);
  return graph.apply('Add', [graph.apply('Relu', [x]), logarithm]);
}

/**
 * Φ(−x) for 0 ≤ x ≤ 40, the normal distribution's tail. Measured against SciPy there: Φ(−x) and x·Φ(−x) to
 * 1.7e-16, 1 − 2Φ(−√2·x) to 3.3e-16. A Cast to float32 around Erf, the only kernel that ONNX Runtime has,
 * would give 1e-7.
 */
function writeNormalTail(graph: GraphWriter, x: string): string {
  const polynomial = (coefficients: readonly number[]) => writePolynomial(graph, coefficients, x);
  const square = graph.apply('Mul', [x, x]);
  const power = graph.apply('Exp', [graph.apply('Mul', [square, graph.constant(-0.5)])]);
  const ratio = graph.apply('Div', [polynomial(normalTailNumerator), polynomial(normalTailDenominator)]);
  return graph.apply('Mul', [power, ratio]);
}

/** Writes leaky ReLU with a slope for each neuron: PRelu in float32, for which alone ONNX Runtime has a kernel. */
export function writeSlopes(graph: GraphWriter, slopes: Float64Array, x: string): string {
  const each = graph.tensor(`${graph.scope}.weight`, [slopes.length], slopes);
  if (graph.precision === 'float32') return graph.apply('PRelu', [x, each]);
  const negative = graph.apply('Relu', [graph.apply('Neg', [x])]);
  return graph.apply('Sub', [graph.apply('Relu', [x]), graph.apply('Mul', [negative, each])]);
}
