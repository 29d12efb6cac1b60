import { randomStream } from '../base/random.js';
import { type Dataset, firstPairs, joinPairs } from '../records.js';
import { foldInto } from './bounds.js';
import type { Oracle } from './oracle.js';
import { containCoordinates, liftInputs, projectInputs, type Subspace } from './subspace.js';

/**
 * Inputs drawn from a normal distribution with standard deviation `spread`, count × d; coordinates beyond
 * `limit` are folded back.
 */
export function drawInputs(
  labels: readonly (string | number)[],
  count: number,
  d: number,
  spread: number,
  limit = Number.POSITIVE_INFINITY,
): Float64Array {
  const random = randomStream(...labels);
  const inputs = new Float64Array(count * d);
  for (let i = 0; i < inputs.length; i++) inputs[i] = foldInto(limit, spread * random.normal());
  return inputs;
}

/** A store of answered queries: grows on demand, never asks twice. */
export interface Collection {
  /** The first `count` pairs of the given spread; asks for those that are missing. */
  take(spread: number, count: number): Promise<Dataset>;
}

/** A collection of queries that an oracle answers: `draw` gives so many more of a spread, behind the `have` that are there. */
export function collectDrawn(
  oracle: Pick<Oracle, 'ask' | 'reserve' | 'outputDimension'>,
  draw: (spread: number, count: number, have: number) => Drawn,
): Collection {
  const held = new Map<number, Dataset>();
  return {
    async take(spread, count) {
      const before = held.get(spread);
      const have = before?.count ?? 0;
      if (before !== undefined && have >= count) return firstPairs(before, count);
      const missing = count - have;
      oracle.reserve(missing);
      const { queries, inputs = queries } = draw(spread, missing, have);
      const outputs = await oracle.ask(queries, missing, 'samples');
      const { outputDimension } = oracle;
      const added = {
        inputs,
        outputs,
        count: missing,
        inputDimension: inputs.length / missing,
        outputDimension,
      };
      const dataset = before === undefined ? added : joinPairs(before, added);
      held.set(spread, dataset);
      return firstPairs(dataset, count);
    },
  };
}

/** Queries as they are asked, and as they are kept where that differs. */
interface Drawn {
  readonly queries: Float64Array;
  readonly inputs?: Float64Array;
}

/**
 * Queries drawn from normal clouds of several spreads, each a fixed sequence that depends on `seed` alone.
 * With a subspace the clouds lie inside it, and the datasets hold coordinates in it.
 */
export function createCollection(oracle: Oracle, seed: number, subspace?: Subspace): Collection {
  const d = subspace?.rank ?? oracle.inputDimension;
  // answers in a frame come after some in the target's own coordinates
  const where = oracle.snap === undefined ? '' : ' in a frame';
  const label = subspace === undefined ? `queries${where}` : 'queries in the subspace';
  return collectDrawn(oracle, (spread, count, have) => {
    const labels = [seed, label, spread, have];
    if (subspace === undefined) {
      const drawn = drawInputs(labels, count, d, spread, oracle.limit);
      return { queries: oracle.snap?.(drawn) ?? drawn };
    }
    const drawn = containCoordinates(subspace, drawInputs(labels, count, d, spread), oracle.limit);
    const lifted = liftInputs(subspace, drawn);
    if (oracle.snap === undefined) return { queries: lifted, inputs: drawn };
    const queries = oracle.snap(lifted);
    return { queries, inputs: projectInputs(subspace, queries) };
  });
}

/** Fresh standard-normal queries that nothing is fitted to: most networks expect such inputs. */
export async function drawHeldOut(oracle: Oracle, seed: number): Promise<Dataset> {
  const count = 1000;
  const drawn = drawInputs([seed, 'held-out'], count, oracle.inputDimension, 1, oracle.limit);
  const inputs = oracle.snap?.(drawn) ?? drawn;
  const outputs = await oracle.ask(inputs, count, 'held-out');
  return {
    inputs,
    outputs,
    count,
    inputDimension: oracle.inputDimension,
    outputDimension: oracle.outputDimension,
  };
}
