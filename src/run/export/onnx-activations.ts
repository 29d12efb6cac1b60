import type { ActivationName } from '../../network/activations.js';
import { normalTailDenominator, normalTailNumerator } from '../../network/error-function.js';
import type { GraphWriter } from './onnx-nodes.js';

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
};

/** Appends the nodes of an activation of the value `x`; returns the name of its result. */
export function writeActivation(graph: GraphWriter, name: ActivationName, slope: number, x: string): string {
  const writers = graph.precision === 'float32' ? float32Writers : float64Writers;
  return writers[name](graph, x, slope);
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
  const polynomial = ([first, ...rest]: readonly number[]) =>
    rest.reduce(
      (sum, coefficient) => graph.apply('Add', [graph.apply('Mul', [sum, x]), graph.constant(coefficient)]),
      graph.constant(first),
    );
  const square = graph.apply('Mul', [x, x]);
  const power = graph.apply('Exp', [graph.apply('Mul', [square, graph.constant(-0.5)])]);
  const ratio = graph.apply('Div', [polynomial(normalTailNumerator), polynomial(normalTailDenominator)]);
  return graph.apply('Mul', [power, ratio]);
}
