import type { Dataset } from '../records.js';

/** Every answer that a run got, for the end, when its network must reproduce them all (method.md §9). */
export interface Ledger {
  /** Answers that were given. */
  readonly count: number;
  /** Adds answers (count × o) to queries (count × d); both are copied. */
  add(inputs: Float64Array, outputs: Float64Array, count: number): void;
  /** The answers that are kept, in the order in which they were given. */
  kept(): Dataset[];
}

/** Numbers that a ledger keeps: 512 MiB. */
const mostNumbers = 2 ** 26;

/**
 * An empty ledger for queries of d numbers. Where more comes than `capacity` numbers, every second answer that was
 * kept is let go, and from then on every second one is kept; and so on.
 */
export function createLedger(d: number, capacity = mostNumbers): Ledger {
  let chunks: Dataset[] = [];
  let numbers = 0;
  let count = 0;
  let stride = 1;
  const keep = (chunk: Dataset) => {
    if (chunk.count === 0) return;
    chunks.push(chunk);
    numbers += chunk.inputs.length + chunk.outputs.length;
  };
  return {
    get count() {
      return count;
    },
    add(inputs, outputs, added) {
      const first = (stride - (count % stride)) % stride;
      count += added;
      keep(everyRow({ inputs, outputs, count: added, inputDimension: d }, first, stride));
      while (numbers > capacity && chunks.length > 0) {
        const before = chunks;
        chunks = [];
        numbers = 0;
        let at = 0;
        for (const chunk of before) {
          keep(everyRow(chunk, at % 2, 2));
          at += chunk.count;
        }
        stride *= 2;
      }
    },
    kept: () => chunks,
  };
}

/** Copies every `stride`-th row from the row `first` on. */
function everyRow(
  { inputs, outputs, count, inputDimension: d }: Omit<Dataset, 'outputDimension'>,
  first: number,
  stride: number,
): Dataset {
  const o = outputs.length / count;
  const rows = Math.max(0, Math.ceil((count - first) / stride));
  const taken = {
    inputs: new Float64Array(rows * d),
    outputs: new Float64Array(rows * o),
    count: rows,
    inputDimension: d,
    outputDimension: o,
  };
  for (let row = 0; row < rows; row++) {
    const n = first + row * stride;
    taken.inputs.set(inputs.subarray(n * d, (n + 1) * d), row * d);
    taken.outputs.set(outputs.subarray(n * o, (n + 1) * o), row * o);
  }
  return taken;
}
