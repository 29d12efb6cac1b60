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

/**
 * Queries drawn from normal clouds of several spreads, each a fixed sequence that depends on `seed` alone.
 * With a subspace the clouds lie inside it, and the datasets hold coordinates in it.
 */
export function createCollection(oracle: Oracle, seed: number, subspace?: Subspace): Collection {
  const d = subspace?.rank ?? oracle.inputDimension;
  const label = subspace === undefined ? 'queries' : 'queries in the subspace';
  const held = new Map<number, Dataset>();
  return {
    async take(spread, count) {
      let dataset = held.get(spread);
      const have = dataset?.count ?? 0;
      if (dataset === undefined || have < count) {
        const missing = count - have;
        oracle.reserve(missing);
        const labels = [seed, label, spread, have];
        const drawn =
          subspace === undefined
            ? drawInputs(labels, missing, d, spread, oracle.limit)
            : containCoordinates(subspace, drawInputs(labels, missing, d, spread), oracle.limit);
        const lifted = subspace === undefined ? drawn : liftInputs(subspace, drawn);
        const queries = oracle.snap?.(lifted) ?? lifted;
        const fresh =
          subspace !== undefined && oracle.snap
            ? projectInputs(subspace, queries)
            : subspace
              ? drawn
              : queries;
        const answers = await oracle.ask(queries, missing, 'samples');
        const added = {
          inputs: fresh,
          outputs: answers,
          count: missing,
          inputDimension: d,
          outputDimension: oracle.outputDimension,
        };
        dataset = dataset === undefined ? added : joinPairs(dataset, added);
        held.set(spread, dataset);
      }
      return firstPairs(dataset, count);
    },
  };
}

/** Fresh standard-normal queries that nothing is fitted to: most networks expect such inputs. */
export async function drawHeldOut(oracle: Oracle, seed: number, count = 1000): Promise<Dataset> {
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
