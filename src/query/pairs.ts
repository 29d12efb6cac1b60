import { randomStream } from '../base/random.js';
import type { Frame } from '../network/frame.js';
import { hashOf } from '../numeric/hash.js';
import { type Dataset, firstPairs, lastPairs } from '../records.js';
import type { Source } from './source.js';

/** Share of the pairs that is held out, and the most of them. */
const heldOut = { share: 0.1, most: 1000 };

/**
 * Samples from given pairs (inputs as the students shall see them), shuffled by `seed`. A tenth of them is
 * held out and never fitted; a collection holds the others whatever the spread it is asked for. Nothing can
 * be asked, so no subspace is found.
 */
export function pairsAsSource(pairs: Dataset, seed: number, frame?: Frame): Source {
  const shuffled = shuffle(pairs, seed);
  const kept = Math.min(heldOut.most, Math.ceil(heldOut.share * pairs.count));
  const available = pairs.count - kept;
  const fitted = firstPairs(shuffled, available);
  const others = lastPairs(shuffled, kept);
  return {
    inputDimension: pairs.inputDimension,
    outputDimension: pairs.outputDimension,
    queries: 0,
    queriesBy: {},
    reserve() {},
    noun: 'pairs',
    available,
    reach: 0,
    seesFar: false,
    frame,
    answers: () => ({ kept: [pairs], given: pairs.count }),
    collect: () => ({ take: async (_, count) => firstPairs(fitted, Math.min(count, available)) }),
    measureNoise: async (_, scales) => noiseOfRepeats(pairs, scales),
    findSubspace: async () => undefined,
    drawHeldOut: async () => others,
    ask: noQueries,
    askAnswers: noQueries,
  };
}

async function noQueries(): Promise<never> {
  throw new Error('pairs answer no queries');
}

/** Fewest repeats that tell the size of the noise. */
const fewestRepeats = 8;

/** Variance of the noise (scaled outputs) from inputs that occur several times; 0 where too few do. */
function noiseOfRepeats(pairs: Dataset, scales: Float64Array): number {
  const { inputs, outputs, count, inputDimension: d, outputDimension: o } = pairs;
  /** The last row with each hash, and with each row the one before: rows as text would take a gigabyte of images. */
  const last = new Map<number, number>();
  const earlier = new Int32Array(count).fill(-1);
  const isSame = (a: number, b: number) => {
    for (let k = 0; k < d; k++) if (inputs[a * d + k] !== inputs[b * d + k]) return false;
    return true;
  };
  let sum = 0;
  let repeats = 0;
  for (let n = 0; n < count; n++) {
    // −0 is 0
    const key = hashOf(inputs.subarray(n * d, (n + 1) * d).map((value) => value + 0));
    earlier[n] = last.get(key) ?? -1;
    last.set(key, n);
    let before = earlier[n];
    while (before >= 0 && !isSame(before, n)) before = earlier[before];
    if (before < 0) continue;
    repeats++;
    for (let k = 0; k < o; k++) sum += ((outputs[n * o + k] - outputs[before * o + k]) / scales[k]) ** 2 / o;
  }
  return repeats < fewestRepeats ? 0 : sum / (2 * repeats);
}

function shuffle(pairs: Dataset, seed: number): Dataset {
  const { count, inputDimension: d, outputDimension: o } = pairs;
  const random = randomStream(seed, 'pairs');
  const order = Uint32Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(random.uniform() * (n + 1));
    [order[n], order[other]] = [order[other], order[n]];
  }
  const inputs = new Float64Array(pairs.inputs.length);
  const outputs = new Float64Array(pairs.outputs.length);
  order.forEach((from, n) => {
    inputs.set(pairs.inputs.subarray(from * d, (from + 1) * d), n * d);
    outputs.set(pairs.outputs.subarray(from * o, (from + 1) * o), n * o);
  });
  return { ...pairs, inputs, outputs };
}
