// How fast the kernels are, one thread: `node dist/bench/kernels.js [simd|relaxed]`. Each figure is the best of
// several runs, as other work on the machine only ever adds time.
import type { Kernels, ShallowShape } from '../src/kernels/kernels.js';
import { shallowParameterCount } from '../src/kernels/kernels.js';
import { isSupported } from '../src/kernels/load.js';
import { startKernels } from '../src/kernels/wasm.js';
import type { ActivationName } from '../src/network/activations.js';
import { activationNames } from '../src/network/activations.js';

/** Evenly spread numbers in [−1, 1), the same in every run. */
function numbers(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => ((index * 0.6180339887498949) % 1) * 2 - 1);
}

/** Milliseconds of the fastest of `runs` runs, each repeated to last at least 10 ms. */
function fastest(run: () => void, runs = 7): number {
  const time = (times: number) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) run();
    return (performance.now() - start) / times;
  };
  const times = Math.max(1, Math.ceil(10 / Math.max(time(1), time(1))));
  return Math.min(...Array.from({ length: runs }, () => time(times)));
}

function shallow(kernels: Kernels, part: Partial<ShallowShape>, count: number) {
  const shape: ShallowShape = {
    inputs: 2,
    hidden: 10,
    outputs: 1,
    activation: 'softplus',
    slope: 0.01,
    skip: false,
    ...part,
  };
  const samples = { inputs: numbers(count * shape.inputs), outputs: numbers(count * shape.outputs), count };
  const p = shallowParameterCount(shape);
  return { problem: kernels.shallow(shape, samples), parameters: numbers(p), p };
}

function duration(milliseconds: number): string {
  return milliseconds < 1 ? `${(milliseconds * 1e3).toFixed(1)} µs` : `${milliseconds.toFixed(2)} ms`;
}

/** Nanoseconds of loss + gradient per sample and hidden neuron. */
function gradient(
  kernels: Kernels,
  inputs: number,
  hidden: number,
  count: number,
  activation: ActivationName,
) {
  const { problem, parameters, p } = shallow(kernels, { inputs, hidden, activation }, count);
  const out = new Float64Array(p);
  const milliseconds = fastest(() => problem.lossAndGradient(parameters, out));
  problem.dispose();
  return `${((milliseconds * 1e6) / (count * hidden)).toFixed(2)} ns`;
}

/**
 * The rate counts p² operations per sample, p for one output: what a Gram matrix of the Jacobian would take. The
 * kernels need fewer, so it may exceed what the processor can do.
 */
function normal(kernels: Kernels, inputs: number, hidden: number, outputs: number, count: number) {
  const { problem, parameters, p } = shallow(kernels, { inputs, hidden, outputs }, count);
  const milliseconds = fastest(() => problem.linearise(parameters), count * p * p > 3e9 ? 3 : 7);
  problem.dispose();
  const compact = hidden * (inputs + 2) + 1;
  return `${duration(milliseconds)}, ${((compact * compact * count) / milliseconds / 1e6).toFixed(1)} GFlop/s`;
}

/** Cholesky, with the damped copy and both substitutions. */
function solve(kernels: Kernels, n: number) {
  const hidden = Math.round((n - 1) / 10);
  const { problem, parameters, p } = shallow(kernels, { inputs: 8, hidden, activation: 'tanh' }, 200);
  problem.linearise(parameters);
  const damping = new Float64Array(p).fill(1e3);
  const step = new Float64Array(p);
  const milliseconds = fastest(() => problem.solve(damping, step), n > 2000 ? 3 : 7);
  problem.dispose();
  return `${duration(milliseconds)}, ${(p ** 3 / 3 / milliseconds / 1e6).toFixed(1)} GFlop/s`;
}

function linkage(kernels: Kernels, count: number, dimension: number) {
  const vectors = numbers(count * dimension).map((value, index) => value + Math.sin(index ** 2));
  let distances = new Float64Array(0);
  const runs = count > 2000 ? 2 : 5;
  const pairs = fastest(() => {
    distances = new Float64Array(kernels.pairwiseDistances(vectors, count, dimension, 'sign-free'));
  }, runs);
  const merge = fastest(() => kernels.averageLinkage(distances, count), runs);
  return `${pairs.toFixed(1)} + ${merge.toFixed(1)} ms`;
}

const rows: Record<string, (kernels: Kernels) => string> = {};
for (const hidden of [10, 50, 100]) {
  rows[`loss + gradient, d = 2, m = ${hidden}, n = 1000, per sample and neuron`] = (k) =>
    gradient(k, 2, hidden, 1000, 'softplus');
}
rows['loss + gradient, d = 32, m = 64, n = 10000, per sample and neuron'] = (k) =>
  gradient(k, 32, 64, 10000, 'softplus');
for (const activation of activationNames) {
  rows[`the same with ${activation}, d = 2, m = 50`] = (k) => gradient(k, 2, 50, 1000, activation);
}
rows['normal equations, d = 2, m = 20 (p = 81), n = 500'] = (k) => normal(k, 2, 20, 1, 500);
rows['normal equations, d = 8, m = 30 (p = 301), n = 1000'] = (k) => normal(k, 8, 30, 1, 1000);
rows['normal equations, d = 8, m = 100 (p = 1001), n = 3000'] = (k) => normal(k, 8, 100, 1, 3000);
rows['normal equations, d = 32, m = 30 (p = 1021), n = 3000'] = (k) => normal(k, 32, 30, 1, 3000);
rows['normal equations, d = 32, m = 48, o = 10 (p = 2074), n = 6000'] = (k) => normal(k, 32, 48, 10, 6000);
for (const n of [40, 100, 300, 1000, 3000])
  rows[`Cholesky, damped and solved, p ≈ ${n}`] = (k) => solve(k, n);
for (const n of [1000, 5000])
  rows[`distances + average linkage, n = ${n}, dimension 32`] = (k) => linkage(k, n, 32);

const wanted = process.argv.slice(2);
const builds = (['simd', 'relaxed'] as const)
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .filter(isSupported)
  .map(startKernels);
const width = Math.max(...Object.keys(rows).map((name) => name.length));
console.log(['kernel'.padEnd(width), ...builds.map((kernels) => kernels.name.padEnd(24))].join('  '));
for (const [name, measure] of Object.entries(rows)) {
  console.log([name.padEnd(width), ...builds.map((kernels) => measure(kernels).padEnd(24))].join('  '));
}
