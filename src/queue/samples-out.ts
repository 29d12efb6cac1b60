import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { Redis } from 'ioredis';
import { InputError } from '../base/errors.js';
import { encodeNpy } from '../files/data/encode.js';
import type { Samples } from '../kernels/kernels.js';
import { explainFull } from './connect.js';
import { type Manifest, messageVersion, mostSampleBytes, pieceBytes, type SamplesName } from './messages.js';
import { keptSeconds, keys } from './names.js';

const deflate = promisify(deflateRaw);

/** Pieces are compressed where that saves as much: random doubles do not, answers of few digits do. */
const worthwhile = 0.9;

/** Keys that are removed in one go. */
const batch = 500;

/** Samples of one run on their way to the workers. */
export interface SamplesOut {
  /** Sees to it that the samples are there, and keeps them until `release`. */
  hold(samples: Samples): Promise<SamplesName>;
  release(name: SamplesName): void;
  /** The same samples again, when the place of the queue has lost them. */
  restore(name: SamplesName): Promise<void>;
  /** Bytes of samples that are kept there now. */
  readonly bytes: number;
  /** Keeps what is there from going with time. */
  renew(): Promise<void>;
  /** Takes all of them away. */
  clear(): Promise<void>;
}

interface Entry {
  readonly name: SamplesName;
  readonly samples: Samples;
  /** Resolves when they are there. */
  sent: Promise<Manifest>;
  holders: number;
  bytes: number;
  /** When they were asked for last, as a count. */
  used: number;
}

/**
 * Sends samples once, in pieces under the hash of their content, as the two NPY files that a run folder has them in. Of
 * those that no job is out for, the ones that were used longest ago make room where more than `most` bytes would be kept.
 */
export function createSamplesOut(redis: Redis, run: string, most = mostSampleBytes): SamplesOut {
  return new SamplesOnQueue(redis, run, most);
}

class SamplesOnQueue implements SamplesOut {
  readonly #redis: Redis;
  readonly #run: string;
  readonly #most: number;
  readonly #entries = new Map<string, Entry>();
  readonly #names = createNames();
  #clock = 0;

  constructor(redis: Redis, run: string, most: number) {
    this.#redis = redis;
    this.#run = run;
    this.#most = most;
  }

  get bytes() {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async hold(samples: Samples): Promise<SamplesName> {
    const name = this.#names(samples);
    const entry = this.#entries.get(name.hash) ?? (await this.#begin(name, samples));
    entry.holders++;
    entry.used = ++this.#clock;
    try {
      await entry.sent;
    } catch (error) {
      this.#entries.delete(name.hash);
      throw explainFull(error);
    }
    return name;
  }

  release({ hash }: SamplesName): void {
    const entry = this.#entries.get(hash);
    if (entry !== undefined) entry.holders--;
  }

  async restore({ hash }: SamplesName): Promise<void> {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return;
    await entry.sent;
    if ((await this.#redis.hexists(keys.samples(this.#run), hash)) === 1) {
      const { pieces } = await entry.sent;
      const own = pieceKeys(this.#run, entry.name, pieces);
      if ((await this.#redis.exists(...own)) === pieces) return;
    }
    entry.sent = this.#send(entry);
    await entry.sent;
  }

  async renew(): Promise<void> {
    const run = this.#run;
    const pipeline = this.#redis.pipeline();
    pipeline.expire(keys.samples(run), keptSeconds);
    pipeline.expire(keys.pieces(run), keptSeconds);
    for (const { name, sent } of this.#entries.values()) {
      const { pieces } = await sent;
      for (let index = 0; index < pieces; index++) {
        pipeline.expire(keys.piece(run, name.hash, index), keptSeconds);
      }
    }
    await pipeline.exec();
  }

  async clear(): Promise<void> {
    this.#entries.clear();
    const [redis, run] = [this.#redis, this.#run];
    // those of a giver that was killed are among them
    const all = await redis.smembers(keys.pieces(run));
    for (let from = 0; from < all.length; from += batch) await redis.unlink(...all.slice(from, from + batch));
    await redis.del(keys.samples(run), keys.pieces(run));
  }

  async #begin(name: SamplesName, samples: Samples): Promise<Entry> {
    const bytes = 8 * (samples.inputs.length + samples.outputs.length);
    await this.#makeRoom(bytes);
    // another call may have been here meanwhile
    const there = this.#entries.get(name.hash);
    if (there !== undefined) return there;
    const entry: Entry = {
      name,
      samples,
      sent: Promise.resolve(undefined as never),
      holders: 0,
      bytes,
      used: 0,
    };
    this.#entries.set(name.hash, entry);
    entry.sent = this.#send(entry);
    return entry;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const idle = [...this.#entries.values()]
      .filter(({ holders }) => holders === 0)
      .sort((a, b) => a.used - b.used);
    for (const entry of idle) {
      if (this.bytes + bytes <= this.#most) return;
      await this.#remove(entry);
    }
    if (this.bytes + bytes <= this.#most) return;
    throw new InputError(
      `the samples of the jobs that are out take ${this.bytes + bytes} bytes, expected at most ${this.#most} on a queue`,
    );
  }

  async #remove({ name, sent }: Entry): Promise<void> {
    this.#entries.delete(name.hash);
    const { pieces } = await sent;
    const own = pieceKeys(this.#run, name, pieces);
    await this.#redis
      .multi()
      .hdel(keys.samples(this.#run), name.hash)
      .unlink(...own)
      .srem(keys.pieces(this.#run), ...own)
      .exec();
  }

  async #send({ name, samples }: Entry): Promise<Manifest> {
    const [redis, run] = [this.#redis, this.#run];
    const { bytes, inputBytes } = encode(samples);
    const pieces = Math.ceil(bytes.length / pieceBytes);
    const piece = (index: number) => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes);
    const isPacked = (await deflate(piece(0), { level: 1 })).length < worthwhile * piece(0).length;
    await redis.sadd(keys.pieces(run), ...pieceKeys(run, name, pieces));
    await redis.expire(keys.pieces(run), keptSeconds);
    for (let index = 0; index < pieces; index++) {
      const content = isPacked ? await deflate(piece(index), { level: 1 }) : Buffer.from(piece(index));
      await redis.set(keys.piece(run, name.hash, index), content, 'EX', keptSeconds);
    }
    const manifest = { version: messageVersion, bytes: bytes.length, inputBytes, pieces, isPacked } as const;
    // last: what has a manifest is whole
    await redis.hset(keys.samples(run), name.hash, JSON.stringify(manifest));
    await redis.expire(keys.samples(run), keptSeconds);
    return manifest;
  }
}

/** Names samples by the hash of their content, which is computed once for the same arrays. */
function createNames(): (samples: Samples) => SamplesName {
  const names = new WeakMap<Float64Array, { outputs: Float64Array; count: number; name: SamplesName }[]>();
  return (samples) => {
    const { inputs, outputs, count } = samples;
    const list = names.get(inputs) ?? [];
    names.set(inputs, list);
    let known = list.find((one) => one.outputs === outputs && one.count === count);
    if (known === undefined) {
      const hash = createHash('sha256').update(encode(samples).bytes).digest('hex').slice(0, 32);
      const name = { hash, count, inputs: inputs.length / count, outputs: outputs.length / count };
      list.push((known = { outputs, count, name }));
    }
    return known.name;
  };
}

const pieceKeys = (run: string, { hash }: SamplesName, pieces: number): string[] =>
  Array.from({ length: pieces }, (_, index) => keys.piece(run, hash, index));

/** The two NPY files, inputs and outputs, one after the other. */
function encode({ inputs, outputs, count }: Samples): { bytes: Uint8Array; inputBytes: number } {
  const parts = [inputs, outputs].map((values) =>
    encodeNpy({ shape: [count, values.length / count], values }),
  );
  return { bytes: Buffer.concat(parts), inputBytes: parts[0].length };
}
