import { firstNonFinite } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { checkMemory, type Memory } from '../base/memory.js';
import type { Stop } from '../base/stop.js';
import { createLedger, type Ledger } from './ledger.js';

/**
 * A target: answers `count` queries at once. `inputs` is count × d, row-major; the answer count × o,
 * row-major, with the same o every time.
 */
export type Target = (inputs: Float64Array, count: number) => Float64Array | Promise<Float64Array>;

/** What a query is for. */
export type QueryPurpose =
  | 'samples'
  | 'placing'
  | 'noise'
  | 'row space'
  | 'far field'
  | 'surfaces'
  | 'outside the row space'
  | 'rare neurons'
  | 'held-out'
  | 'contradictions';

/** How many queries were asked for each purpose that there was one for. */
export type QueriesBy = Readonly<Partial<Record<QueryPurpose, number>>>;

/** A target behind a counter: what the recovery asks. */
export interface Oracle {
  readonly inputDimension: number;
  /** No coordinate of a query may be larger in absolute value; infinite without bounds. */
  readonly limit: number;
  /** o; 0 before the first answer. */
  readonly outputDimension: number;
  /** Queries answered so far. */
  readonly queries: number;
  /** The same, by what they were for. */
  readonly queriesBy: QueriesBy;
  /** Every answer so far. */
  readonly ledger: Ledger;
  /** Coordinates that the target reads as they are, in place of others beside them; missing where nothing is known of that. */
  snap?(coordinates: Float64Array): Float64Array;
  /** Throws `MemoryShort` when the machine has no room for so many queries more, and their answers. */
  reserve(count: number): void;
  /** Answers of `count` queries, checked. Throws `BudgetSpent` when they would exceed the budget, and what `stop` throws. */
  ask(inputs: Float64Array, count: number, purpose?: QueryPurpose): Promise<Float64Array>;
}

/** Bytes that a number of a query or an answer takes: as it is asked, as it is kept, and as it is worked with. */
const bytesANumber = 24;

/** The next queries would exceed the budget: an expected end, turned into a verdict by `recover`. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
  constructor(
    readonly budget: number,
    readonly spent: number,
    readonly wanted: number,
  ) {
    super(`${wanted} more queries are needed, ${spent} of the budget of ${budget} are spent`);
  }
}

/**
 * Counts and checks the queries of a target. Throws `InputError` when an answer has the wrong length, is
 * NaN or infinite; the message names the query. What `stop` throws ends the asking; an answer that takes long is not
 * waited for then.
 */
export function meterTarget(
  target: Target,
  inputDimension: number,
  budget: number,
  limit = Number.POSITIVE_INFINITY,
  stop?: Stop,
  memory?: Memory,
): Oracle {
  const ledger = createLedger(inputDimension);
  let queries = 0;
  const queriesBy: Partial<Record<QueryPurpose, number>> = {};
  let outputDimension = 0;
  return {
    inputDimension,
    limit,
    ledger,
    get outputDimension() {
      return outputDimension;
    },
    get queries() {
      return queries;
    },
    get queriesBy() {
      return { ...queriesBy };
    },
    reserve(count) {
      const numbers = inputDimension + Math.max(1, outputDimension);
      checkMemory(memory, `${count} queries of ${inputDimension} inputs`, bytesANumber * numbers * count);
    },
    async ask(inputs, count, purpose = 'samples') {
      if (queries + count > budget) throw new BudgetSpent(budget, queries, count);
      await stop?.pause();
      const answering = target(inputs, count);
      const outputs = await (stop && answering instanceof Promise ? stop.race(answering) : answering);
      outputDimension = checkAnswers(outputs, count, outputDimension, inputs, queries);
      queries += count;
      queriesBy[purpose] = (queriesBy[purpose] ?? 0) + count;
      ledger.add(inputs, outputs, count);
      return outputs;
    },
  };
}

/** o of the answers to queries of which `before` were asked earlier; throws `InputError` where they cannot be used. */
function checkAnswers(
  outputs: Float64Array,
  count: number,
  outputDimension: number,
  inputs: Float64Array,
  before: number,
): number {
  if (!(outputs instanceof Float64Array)) {
    throw new InputError(`the target answered ${typeof outputs}, expected a Float64Array`);
  }
  const o = outputs.length / count;
  if (!Number.isInteger(o) || o < 1 || (outputDimension > 0 && o !== outputDimension)) {
    const expected = outputDimension > 0 ? `${outputDimension * count}` : `a multiple of ${count}`;
    throw new InputError(
      `the target answered ${outputs.length} numbers to ${count} queries, expected ${expected}`,
    );
  }
  const bad = firstNonFinite(outputs);
  if (bad < 0) return o;
  const n = Math.floor(bad / o);
  const d = inputs.length / count;
  const point = Array.from(inputs.subarray(n * d, (n + 1) * d).slice(0, 4));
  const shown = point.map((x) => x.toPrecision(4)).join(', ') + (d > 4 ? ', …' : '');
  throw new InputError(
    `the target answered ${outputs[bad]} in output ${bad % o} of query ${before + n} at (${shown}), expected a finite number`,
  );
}
