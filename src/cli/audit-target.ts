import type { AuditedTarget } from '../audit/ladder.js';
import { deviationsOf, type OwnModel } from '../audit/measure.js';
import { InputError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { readInputs } from '../files/data/read-inputs.js';
import { readNetwork } from '../files/network/read-network.js';
import type { ActivationName } from '../network/activations.js';
import { type OpenedTarget, openTarget, type TargetOptions } from '../oracle/open-target.js';
import { type PreparedTarget, prepareTarget } from '../oracle/prepare-target.js';
import type { Target } from '../query/oracle.js';
import { isWeights } from './compare.js';

/** A target opened in float64 where it can be, and in float32 beside it where it is a file. */
export interface TwoPrecisions {
  readonly opened: OpenedTarget;
  readonly single: OpenedTarget | undefined;
}

/** Opens a target as an audit sees it; an outsider of a file may ask it in either number type. Throws as `openTarget`. */
export async function openTwice(place: string | undefined, options: TargetOptions): Promise<TwoPrecisions> {
  const opened = await openTarget(place, options);
  if (opened.precision === undefined || options.precision !== undefined) return { opened, single: undefined };
  await opened.close();
  const double = await openTarget(place, { ...options, precision: 'float64' });
  return { opened: double, single: await openTarget(place, { ...options, precision: 'float32' }) };
}

/** Rows of the user's traffic: every fifth is kept for measurements, the others are what an outsider may have. */
export interface Traffic {
  readonly seen: Float64Array;
  readonly heldOut: Float64Array;
  readonly bounds: readonly (readonly [number, number])[] | null;
}

/** One row of this many is held out. */
const heldOutEach = 5;

/** With fewer rows nothing can be recovered and measured from them. */
const fewestRows = 40;

/** Measurements are made on so many rows, and as many standard-normal inputs where there are none. */
const measuredRows = 1000;

/**
 * Reads the inputs in a data file: the columns that are chosen, all where there are d, or all but the last. Throws
 * `InputError` naming the file when they are not d, or too few rows.
 */
export async function readTraffic(
  file: string | undefined,
  columns: string | undefined,
  d: number,
): Promise<Traffic | undefined> {
  if (file === undefined) {
    if (columns !== undefined) throw new InputError('--inputs has no meaning without --data');
    return undefined;
  }
  const { inputs, count } = await readInputs(file, columns, d, '--inputs');
  if (count < fewestRows)
    throw new InputError(`${file} holds ${count} rows, expected at least ${fewestRows}`);
  const rows = Array.from({ length: count }, (_, n) => [...inputs.subarray(n * d, (n + 1) * d)]);
  const pick = (isHeldOut: boolean) =>
    Float64Array.from(rows.filter((_, n) => (n % heldOutEach === 0) === isHeldOut).flat());
  const ranges = Array.from({ length: d }, (_, k) => rangeOf(rows.map((row) => row[k])));
  return { seen: pick(false), heldOut: pick(true).subarray(0, measuredRows * d), bounds: ranges };
}

/** The range of a column; one that never varies gets a little room, as a box needs it. */
function rangeOf(values: readonly number[]): [number, number] {
  let [low, high] = [values[0], values[0]];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** What an audit holds of its target: how it is asked, what is known of it, and the model for measurements. */
export interface PreparedAudit {
  readonly ask: Target;
  readonly target: AuditedTarget;
  readonly model: OwnModel;
  readonly prepared: readonly PreparedTarget[];
}

/**
 * Prepares a target for its audit: answers of targets that cost something are kept in `folder`, so that no two attacks
 * ask the same twice; asks the inputs of the measurements; reads the weights of the model, where they can be, for the
 * measurements alone.
 */
export async function prepareAudit(
  { opened, single }: TwoPrecisions,
  folder: string,
  traffic: Traffic | undefined,
  {
    cache,
    head,
    activation,
    guard,
  }: {
    cache: boolean | undefined;
    head: string;
    activation: ActivationName | 'auto';
    guard(ask: Target): Target;
  },
): Promise<PreparedAudit> {
  const keep = { cache: cache ?? true, record: undefined };
  const main = await prepareTarget({ ...opened, ask: guard(opened.ask) }, folder, keep);
  const prepared = [main];
  if (single !== undefined)
    prepared.push(
      await prepareTarget({ ...single, ask: guard(single.ask) }, folder, { ...keep, cache: false }),
    );
  const d = opened.inputDimension;
  const random = randomStream('audit', 'held-out');
  const inputs = traffic?.heldOut ?? Float64Array.from({ length: measuredRows * d }, () => random.normal());
  const count = inputs.length / d;
  const answers = await main.ask(inputs, count);
  const outputs = answers.length / count;
  const target: AuditedTarget = {
    outputs,
    ...(prepared.length > 1 && { single: prepared[1].ask }),
    head: areProbabilities(answers, outputs) ? 'probabilities' : head === 'linear' ? 'none' : 'unknown',
    deviations: deviationsOf(answers, count),
    pairs: traffic === undefined ? 0 : traffic.seen.length / d,
  };
  const own = await readOwn(opened, activation, outputs);
  return { ask: main.ask, target, model: { ...own, inputs, answers, count }, prepared };
}

/** Whether every row of answers is a distribution over the outputs. */
function areProbabilities(answers: Float64Array, o: number): boolean {
  if (o < 2) return false;
  for (let at = 0; at < answers.length; at += o) {
    const row = answers.subarray(at, at + o);
    if (row.some((p) => p < 0) || Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) > 1e-4) return false;
  }
  return true;
}

/** The weights in the target's file, or why they cannot be read. */
async function readOwn(
  { file, inputDimension }: OpenedTarget,
  activation: ActivationName | 'auto',
  outputs: number,
): Promise<Pick<OwnModel, 'network' | 'unreadable'>> {
  if (file === undefined) return { network: null, unreadable: 'the target is no file' };
  try {
    const named = activation === 'auto' || !isWeights(file) ? undefined : activation;
    const network = await readNetwork(file, named);
    const { layers } = network;
    const isWhole = layers[0].inputs === inputDimension && layers[layers.length - 1].outputs === outputs;
    if (isWhole) return { network, unreadable: null };
    return { network: null, unreadable: 'the file holds a network with other inputs or outputs' };
  } catch (error) {
    if (error instanceof InputError) return { network: null, unreadable: error.message };
    throw error;
  }
}
