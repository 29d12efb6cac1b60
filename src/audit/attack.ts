import type { ActivationName } from '../network/activations.js';
import type { HeadName } from '../network/head.js';
import type { Target } from '../query/oracle.js';
import type { Dataset } from '../records.js';
import { recover } from '../recover.js';
import { recoverFromPairs } from '../recover-pairs.js';
import type { Environment, Recovery } from '../recovery.js';
import type { Rung } from './ladder.js';

/** What every attack of an audit has in common. */
export interface AttackSettings {
  readonly inputDimension: number;
  readonly activation: ActivationName | 'auto';
  readonly depth: number | 'auto';
  readonly head: HeadName | 'auto';
  readonly seed: number;
  /** The box of the data, for attacks inside of it. */
  readonly bounds: readonly (readonly [number, number])[] | null;
  /** Inputs of the user's own traffic, rows × d. */
  readonly traffic: Float64Array;
}

/**
 * Recovers the target as an outsider on one rung would: from what is seen there alone, within so many seconds. Nothing
 * that this file reaches can read the target's weights (test/policy). Throws what the target throws.
 */
export async function attack(
  ask: Target,
  { view, access, budget }: Rung,
  settings: AttackSettings,
  time: number,
  environment: Environment,
): Promise<Recovery> {
  const { inputDimension, activation, depth, seed, bounds, traffic } = settings;
  const head = view.isSoftmax ? 'auto' : settings.head;
  const known = { activation, depth, head, seed, time };
  const seen = view.see(ask);
  if (access === 'pairs') {
    const inputs = traffic.subarray(0, budget * inputDimension);
    const outputs = await seen(inputs, budget);
    const outputDimension = outputs.length / budget;
    const pairs: Dataset = { inputs, outputs, count: budget, inputDimension, outputDimension };
    return recoverFromPairs(pairs, known, environment);
  }
  const box = access === 'bounds' ? { bounds } : {};
  return recover(seen, { ...known, ...box, inputDimension, budget }, environment);
}
