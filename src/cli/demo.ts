import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareNetworks, type NetworkComparison } from '../compare/compare-truth.js';
import { readNetwork } from '../files/network/read-network.js';
import type { Layer, Network } from '../records.js';
import type { CommandIo } from './io.js';
import { exitCodes, recoverToFolder } from './recover.js';
import { summaryLines } from './summary.js';

/** The options of `eac demo`. */
export interface DemoOptions {
  readonly out?: string;
  readonly threads: number;
}

const example = 'tanh-8-4-1';
const settings = {
  activation: 'tanh',
  depth: 'auto',
  precision: 'own',
  seed: 1,
  budget: Number.POSITIVE_INFINITY,
} as const;

/**
 * `eac demo`: recovers an example from its answers and prints what it found next to the truth, which only
 * this comparison reads. Returns the verdict's exit code. Throws `InputError` when the folder cannot be
 * written.
 */
export async function runDemo(options: DemoOptions, io: CommandIo): Promise<number> {
  const path = fileURLToPath(new URL(`../../../examples/${example}.onnx`, import.meta.url));
  const file = relative('', path).startsWith('..') ? path : relative('', path);
  io.out(
    `Recovering ${example} from its answers alone: 8 inputs, 1 output, tanh; its width and weights are not told.`,
  );
  io.out('');
  const result = await recoverToFolder(file, { ...options, ...settings }, io);
  for (const line of summaryLines(result)) io.out(line);
  const { network, verdict } = result.recovery;
  if (network !== null) {
    const truth = await readNetwork(file);
    for (const line of besideTruth(network, truth, compareNetworks(network, truth))) io.out(line);
  }
  return exitCodes[verdict];
}

/**
 * Weights of a recovered tanh network with one hidden layer and one output beside those of the truth, neuron
 * by neuron, each recovered neuron turned to the sign of its counterpart.
 */
export function besideTruth(found: Network, truth: Network, comparison: NetworkComparison): string[] {
  const inputs = truth.layers[0].inputs;
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(10) + cells.map((cell) => cell.padStart(8)).join('');
  const numbers = (name: string, values: readonly number[]) =>
    row(
      name,
      values.map((value) => value.toFixed(4)),
    );
  const names = [...Array.from({ length: inputs }, (_, i) => `w${i + 1}`), 'bias', 'out'];
  const lines = ['', 'What was found next to the truth, neuron by neuron:', '', row('', names)];
  for (const pair of comparison.neurons[0]) {
    const actual = pair.truth === null ? undefined : neuronOf(truth.layers, pair.truth);
    const recovered = pair.recovered === null ? undefined : neuronOf(found.layers, pair.recovered);
    const turned = actual && recovered ? turnedTowards(recovered, actual) : recovered;
    lines.push(actual ? numbers(`${pair.truth! + 1} truth`, actual) : '  not in the truth');
    lines.push(turned ? numbers('  found', turned) : '  not found');
    if (pair.error !== null) lines.push(`  relative difference ${pair.error.toExponential(1)}`);
  }
  const [expected, bias] = [truth.layers[1].biases[0], found.layers[1].biases[0]];
  lines.push('', `output bias: truth ${expected.toFixed(4)}, found ${bias.toFixed(4)}`);
  const { missing, excess, maxWeightError, functionError } = comparison;
  const shown = (error: number | null) => (error === null ? '-' : error.toExponential(1));
  lines.push(
    `neurons: ${missing[0]} missing, ${excess[0]} in excess; largest relative weight error ${shown(maxWeightError)}, function error ${shown(functionError)}`,
  );
  return lines;
}

/** Incoming weights, bias and outgoing weight of one hidden neuron: d + 2 numbers. */
function neuronOf([hidden, output]: readonly Layer[], neuron: number): number[] {
  const start = neuron * hidden.inputs;
  const weights = hidden.weights.subarray(start, start + hidden.inputs);
  return [...weights, hidden.biases[neuron], output.weights[neuron]];
}

/** tanh is odd: all signs of a neuron may turn together. */
function turnedTowards(found: readonly number[], actual: readonly number[]): number[] {
  const product = found.reduce((sum, value, i) => sum + value * actual[i], 0);
  return found.map((value) => (product < 0 ? -value : value));
}
