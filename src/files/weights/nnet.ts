import { InputError } from '../../base/errors.js';
import type { Layer, Network } from '../../records.js';

/** A network of a .nnet file, in the units of its inputs and outputs. */
export interface NnetNetwork {
  readonly network: Network;
  /** Bounds to which the file wants every input to be clipped before anything else. */
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/** Most layers and most neurons of a layer that are read. */
const mostLayers = 1000;
const mostNeurons = 2 ** 20;

/** Whether bytes begin as a .nnet file does: comments, or a line of numbers with commas. */
export function isNnet(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 256));
  return !start.includes('\0') && /^(\/\/|\s*\d+\s*,\s*\d+\s*,)/.test(start);
}

/**
 * Reads a .nnet file (https://github.com/sisl/NNet): a ReLU network with normalised inputs and outputs, which
 * are folded into the first and the last layer. Throws `InputError`, less the file's name; sizes are compared
 * with the text before anything is allocated.
 */
export function readNnet(bytes: Uint8Array): NnetNetwork {
  const lines = new Lines(new TextDecoder().decode(bytes));
  const [count, inputs, outputs] = lines.integers('its sizes', 3);
  if (count > mostLayers) throw new InputError(`has ${count} layers, expected at most ${mostLayers}`);
  const sizes = lines.integers('the sizes of its layers', count + 1).slice(0, count + 1);
  if (sizes[0] !== inputs || sizes[count] !== outputs || sizes.some((n) => n < 1 || n > mostNeurons)) {
    throw new InputError(
      `has layers of the sizes ${sizes.slice(0, 12)}, which do not fit ${inputs} inputs and ${outputs} outputs`,
    );
  }
  const total = sizes.slice(1).reduce((sum, n, index) => sum + n * (sizes[index] + 1), 0);
  if (2 * total > bytes.length) {
    throw new InputError(`is ${bytes.length} bytes long, too short for the ${total} numbers of its layers`);
  }
  lines.skip();
  const least = lines.numbers('the least inputs', inputs);
  const most = lines.numbers('the largest inputs', inputs);
  const means = lines.numbers('the means', inputs + 1);
  const ranges = lines.numbers('the ranges', inputs + 1);
  if (ranges.some((range) => range === 0)) throw new InputError('has a range of 0, expected another number');
  const layers = sizes.slice(1).map((neurons, index): Layer => {
    const weights = new Float64Array(neurons * sizes[index]);
    const biases = new Float64Array(neurons);
    for (let j = 0; j < neurons; j++) {
      weights.set(lines.numbers(`weights of layer ${index + 1}`, sizes[index]), j * sizes[index]);
    }
    for (let j = 0; j < neurons; j++) [biases[j]] = lines.numbers(`biases of layer ${index + 1}`, 1);
    return { inputs: sizes[index], outputs: neurons, weights, biases };
  });
  foldInputs(layers[0], means, ranges);
  foldOutputs(layers[count - 1], means[inputs], ranges[inputs]);
  return { network: { activation: 'relu', slope: 0, layers }, least, most };
}

/** The layer for inputs as they are, where it was for (x − mean)/range. */
function foldInputs({ inputs, weights, biases }: Layer, means: Float64Array, ranges: Float64Array): void {
  for (let j = 0; j < biases.length; j++) {
    for (let k = 0; k < inputs; k++) {
      weights[j * inputs + k] /= ranges[k];
      biases[j] -= weights[j * inputs + k] * means[k];
    }
  }
}

/** The layer whose outputs are those of the file: y·range + mean. */
function foldOutputs({ weights, biases }: Layer, mean: number, range: number): void {
  for (let i = 0; i < weights.length; i++) weights[i] *= range;
  for (let j = 0; j < biases.length; j++) biases[j] = biases[j] * range + mean;
}

/** The lines of the file, comments left out, one after the other. */
class Lines {
  readonly #text: string;
  #at = 0;
  #line = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #next(): string {
    while (this.#at < this.#text.length) {
      const end = this.#text.indexOf('\n', this.#at);
      const line = this.#text.slice(this.#at, end < 0 ? undefined : end).trim();
      this.#at = end < 0 ? this.#text.length : end + 1;
      this.#line++;
      if (line !== '' && !line.startsWith('//')) return line;
    }
    throw new InputError('is cut short: it ends before its last layer');
  }

  skip(): void {
    this.#next();
  }

  /** `count` finite numbers of the next line, which may end with a comma. */
  numbers(what: string, count: number): Float64Array {
    const words = this.#next().replace(/,\s*$/, '').split(',');
    const values = Float64Array.from(words, (word) => (word.trim() === '' ? Number.NaN : Number(word)));
    if (values.length < count || !values.every(Number.isFinite)) {
      throw new InputError(`has in line ${this.#line} no ${count} numbers for ${what}`);
    }
    return values.length === count ? values : values.slice(0, count);
  }

  /** At least `count` integers of the next line. */
  integers(what: string, count: number): number[] {
    const values = [...this.numbers(what, count)];
    if (values.every((value) => Number.isSafeInteger(value) && value >= 1)) return values;
    throw new InputError(`has in line ${this.#line} no integers for ${what}`);
  }
}
