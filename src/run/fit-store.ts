import { createHash, type Hash } from 'node:crypto';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stop } from '../base/stop.js';
import { encodeNpz } from '../files/data/encode.js';
import { formatExact, parseExact } from '../files/exact-json.js';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';
import type { Samples } from '../kernels/kernels.js';
import type { FitJob, Fitted, Fitter } from '../optimise/fit.js';

/** Names of the folders of a run that hold finished pieces of training, and the samples of those. */
export const storeFolderNames = { fits: 'fits', samples: 'samples' } as const;

/** One finished piece of training, as a file of the folder `fits` holds it. */
export interface StoredFit {
  readonly schemaVersion: number;
  /** Build of the kernels that trained it: another one rounds differently, so the job counts as another. */
  readonly kernels: string;
  /** Name of the file in the folder `samples` that holds the first of its samples, and how many it had. */
  readonly samples: string;
  readonly count: number;
  readonly shape: FitJob['shape'];
  readonly method: string;
  readonly result: Fitted;
}

/** Version of the schema of the files in `fits`. */
export const fitSchemaVersion = 1;

/** Finished pieces of training, kept in a run folder. */
export interface FitStore {
  /** A fitter that answers a job that is stored from here, and stores every other one as it ends. */
  wrap(fitter: Fitter): Fitter;
  /** Pieces that were there at the opening. */
  readonly found: number;
  /** Jobs that were answered from here, and those that were trained and stored, since the opening. */
  readonly reused: number;
  readonly stored: number;
  /** Waits until everything that is being stored is on the disk. */
  settle(): Promise<void>;
}

type OnDone = (index: number, result: Fitted) => void;

/** Values (8 bytes each) of the samples that are kept for a second look; clustering reads 600 rows at least. */
const keptValues = 1e6;
const keptRows = 600;

/**
 * Opens the store of a run folder; `kernels` names the build that trains. Throws `InputError` when the disk is
 * full or may not be written, then and whenever a piece is stored.
 */
export async function openFitStore(folder: string, kernels: string): Promise<FitStore> {
  const names = await readdir(join(folder, storeFolderNames.fits)).catch(() => []);
  return new FolderFitStore(folder, kernels, names.filter((name) => name.endsWith('.json')).length);
}

class FolderFitStore implements FitStore {
  readonly found: number;
  readonly #places: { readonly fits: string; readonly samples: string };
  readonly #kernels: string;
  readonly #hashOf = createHashes();
  readonly #samplesWritten = new Map<string, Promise<void>>();
  readonly #pending = new Set<Promise<void>>();
  #reused = 0;
  #stored = 0;

  constructor(folder: string, kernels: string, found: number) {
    this.#places = {
      fits: join(folder, storeFolderNames.fits),
      samples: join(folder, storeFolderNames.samples),
    };
    this.#kernels = kernels;
    this.found = found;
  }

  get reused() {
    return this.#reused;
  }

  get stored() {
    return this.#stored;
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  wrap(fitter: Fitter): Fitter {
    const fit = async (jobs: readonly FitJob[], onDone?: OnDone, stop?: Stop): Promise<Fitted[]> => {
      const keys = jobs.map((job) => keyOf(job, this.#hashOf(job.samples).all, this.#kernels));
      const results = await this.#read(keys, onDone);
      const missing = jobs.flatMap((_, index) => (results[index] === undefined ? [index] : []));
      if (missing.length === 0) return results as Fitted[];
      const writes: Promise<void>[] = [];
      let fail: (error: unknown) => void = () => {};
      const failure = new Promise<never>((_, reject) => {
        fail = reject;
      });
      const training = fitter.fit(
        missing.map((index) => jobs[index]),
        (at, result) => {
          const index = missing[at];
          // what no machine could train may be trained when the run goes on
          if (result.reason !== 'lost') {
            const write = this.#store(keys[index], jobs[index], result);
            this.#pending.add(write);
            write.catch(fail).finally(() => this.#pending.delete(write)); // told at once: the others would be trained for nothing
            writes.push(write);
          }
          onDone?.(index, result);
        },
        stop,
      );
      const trained = await Promise.race([training, failure]);
      await Promise.all(writes);
      for (const [at, index] of missing.entries()) results[index] = trained[at];
      return results as Fitted[];
    };
    return { fit: fit as Fitter['fit'] };
  }

  /** The results that are stored under these keys, which `onDone` hears of. */
  async #read(keys: readonly string[], onDone: OnDone | undefined): Promise<(Fitted | undefined)[]> {
    const results: (Fitted | undefined)[] = [];
    for (const [index, key] of keys.entries()) {
      const found = await readFit(join(this.#places.fits, `${key}.json`));
      results.push(found);
      if (found === undefined) continue;
      this.#reused++;
      onDone?.(index, found);
    }
    return results;
  }

  async #store(key: string, job: FitJob, result: Fitted): Promise<void> {
    const { kept, rows } = this.#hashOf(job.samples);
    const record: StoredFit = {
      schemaVersion: fitSchemaVersion,
      kernels: this.#kernels,
      samples: `${kept}.npz`,
      count: job.samples.count,
      shape: job.shape,
      method: job.method.kind,
      result,
    };
    // samples first: a piece that is found when the run goes on has them
    let written = this.#samplesWritten.get(kept);
    if (written === undefined) {
      const { samples } = this.#places;
      written = exists(join(samples, `${kept}.npz`)).then(async (isThere) => {
        if (!isThere) await writeInto(samples, `${kept}.npz`, encodeSamples(job.samples, rows));
      });
      this.#samplesWritten.set(kept, written);
    }
    await written;
    await writeInto(this.#places.fits, `${key}.json`, `${formatExact(record)}\n`);
    this.#stored++;
  }
}

/** Hashes of samples, computed once for the same arrays. */
function createHashes(): (samples: Samples) => SamplesHash {
  const hashes = new WeakMap<Float64Array, Map<string, SamplesHash>>();
  return (samples) => {
    let known = hashes.get(samples.inputs);
    if (known === undefined) hashes.set(samples.inputs, (known = new Map()));
    const label = `${samples.count}`;
    let hash = known.get(label);
    if (hash === undefined || hash.outputs !== samples.outputs) {
      known.set(label, (hash = hashSamples(samples)));
    }
    return hash;
  };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Writes a file into a folder that is made when it is missing. */
async function writeInto(folder: string, name: string, content: Uint8Array | string): Promise<void> {
  const file = join(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(file, content);
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
}

/** A stored result; undefined when there is none, or none that can be read: then it is trained again. */
async function readFit(file: string): Promise<Fitted | undefined> {
  return (await readStoredFit(file))?.result;
}

/** A file of the folder `fits`; undefined when it is missing, of another version, or no such file. */
export async function readStoredFit(file: string): Promise<StoredFit | undefined> {
  try {
    const record = parseExact(await readFile(file, 'utf8')) as Partial<StoredFit> | null;
    const usable =
      record?.schemaVersion === fitSchemaVersion &&
      record.result?.parameters instanceof Float64Array &&
      record.result.lossCurve instanceof Float64Array;
    return usable ? (record as StoredFit) : undefined;
  } catch {
    return undefined;
  }
}

interface SamplesHash {
  readonly outputs: Float64Array;
  /** Of all samples. */
  readonly all: string;
  /** Of the first `rows`, which are kept. */
  readonly kept: string;
  readonly rows: number;
}

function hashSamples(samples: Samples): SamplesHash {
  const { inputs, outputs, count } = samples;
  const width = (inputs.length + outputs.length) / count;
  const d = inputs.length / count;
  const rows = Math.min(count, Math.max(keptRows, 4 * (d + 1), Math.floor(keptValues / width)));
  const digest = (n: number) => {
    const hash = createHash('sha256');
    addToHash(hash, [n, ...firstRows(samples, n)]);
    return hash.digest('hex').slice(0, 32);
  };
  const all = digest(count);
  return { outputs, all, kept: rows === count ? all : digest(rows), rows };
}

function firstRows({ inputs, outputs, count }: Samples, rows: number): [Float64Array, Float64Array] {
  const first = (values: Float64Array) => values.subarray(0, (values.length / count) * rows);
  return [first(inputs), first(outputs)];
}

function encodeSamples(samples: Samples, rows: number): Uint8Array {
  const [inputs, outputs] = firstRows(samples, rows);
  return encodeNpz({
    inputs: { shape: [rows, inputs.length / rows], values: inputs },
    outputs: { shape: [rows, outputs.length / rows], values: outputs },
  });
}

/** Name of a job: everything that its result depends on. */
function keyOf(job: FitJob, samples: string, kernels: string): string {
  const { samples: _, ...rest } = job;
  const hash = createHash('sha256');
  addToHash(hash, { ...rest, samples, kernels });
  return hash.digest('hex').slice(0, 32);
}

/** Adds a record of plain data to a hash, every number to the bit. */
function addToHash(hash: Hash, value: unknown): void {
  if (value instanceof Float64Array) {
    hash.update(`f${value.length};`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (Array.isArray(value)) {
    hash.update(`a${value.length};`);
    for (const entry of value) addToHash(hash, entry);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    hash.update(`o${entries.length};`);
    for (const [key, entry] of entries) {
      addToHash(hash, key);
      addToHash(hash, entry);
    }
  } else if (typeof value === 'string') hash.update(`s${value.length};${value}`);
  else hash.update(`${typeof value}${Object.is(value, -0) ? '-0' : String(value)};`);
}
