import { InputError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { largestAcceptedError } from '../certify/judge.js';
import { readNetwork } from '../files/network/read-network.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import { openTarget } from '../oracle/open-target.js';
import { readRecovery } from '../run/read-recovery.js';
import { compareFiles } from './compare.js';

/** Whether what was found is what is in the file. */
export interface Judged {
  /** Null where there is nothing to judge, and for the same function with other numbers of neurons. */
  readonly right: boolean | null;
  /** In words: the largest error of the weights, or of the function where the weights cannot be read. */
  readonly how: string;
}

/**
 * Relative difference up to which two functions are taken for the same one in float32: a file may hold neurons
 * that repeat each other, which no answer tells. Whether they do, or are too rare to be seen, stays open here.
 */
const sameFunction = 1e-6;

/** Inputs on which functions are compared where weights cannot be. */
const functionInputs = 2000;

/**
 * Compares the network in a finished run folder with the file that was its target: neuron by neuron where the
 * file is read as a multilayer perceptron, else by the answers to fresh standard-normal inputs, or inside of the ranges
 * to which the run found that its target clips them. Right is what
 * misses no neuron, has none in excess and no weight further off than a certificate accepts. The same function
 * with other numbers of neurons is neither right nor wrong.
 */
export async function judgeResult(
  run: string,
  file: string,
  activation: ActivationName | undefined,
): Promise<Judged> {
  try {
    const { comparison } = await compareFiles(run, file, activation);
    const { missing, excess, maxWeightError, functionError: error } = comparison;
    const [lost, added] = [missing, excess].map((counts) => counts.reduce((sum, n) => sum + n, 0));
    if (maxWeightError === null || lost + added > 0) {
      const counts = `${lost} missing, ${added} in excess`;
      return error <= sameFunction
        ? { right: null, how: `same function to ${error.toExponential(1)}, ${counts}` }
        : { right: false, how: counts };
    }
    return { right: maxWeightError <= largestAcceptedError, how: maxWeightError.toExponential(1) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  const error = await functionError(run, file, activation);
  return error === null
    ? { right: null, how: '-' }
    : { right: error <= largestAcceptedError, how: `function ${error.toExponential(1)}` };
}

/** Rms difference of the answers over the rms deviation of the file's; null where the file cannot be asked. */
async function functionError(
  run: string,
  file: string,
  activation: ActivationName | undefined,
): Promise<number | null> {
  try {
    const network = await readNetwork(run);
    const target = await openTarget(file, activation === undefined ? {} : { activation });
    const random = randomStream('judge a file', 'inputs');
    const clipped = await clipsOf(run);
    const d = target.inputDimension;
    const draw = (k: number) =>
      clipped === undefined
        ? random.normal()
        : clipped.lower[k] + random.uniform() * (clipped.upper[k] - clipped.lower[k]);
    const inputs = Float64Array.from({ length: functionInputs * d }, (_, i) => draw(i % d));
    const rounded = target.precision === 'float32' ? inputs.map(Math.fround) : inputs;
    const expected = await target.ask(rounded, functionInputs);
    const found = forward(network, rounded, functionInputs);
    await target.close();
    if (expected.length !== found.length) return null;
    const outputs = expected.length / functionInputs;
    let [difference, deviation] = [0, 0];
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let n = 0; n < functionInputs; n++) sum += expected[n * outputs + o];
      const mean = sum / functionInputs;
      for (let i = o; i < expected.length; i += outputs) {
        difference += (found[i] - expected[i]) ** 2;
        deviation += (expected[i] - mean) ** 2;
      }
    }
    return deviation === 0 ? null : Math.sqrt(difference / deviation);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** The ranges to which a run found that its target clips inputs; undefined where it does not, and for what is no run. */
async function clipsOf(run: string) {
  try {
    return (await readRecovery(run)).evidence.clipped;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
