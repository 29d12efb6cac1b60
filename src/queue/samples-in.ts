import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Redis } from 'ioredis';
import { InputError } from '../base/errors.js';
import { readNpy } from '../files/data/npy.js';
import type { Samples } from '../kernels/kernels.js';
import { checkMessage, type Manifest, manifestSchema, pieceBytes, type SamplesName } from './messages.js';
import { keys } from './names.js';

const inflate = promisify(inflateRaw);

/** Longest text of a manifest. */
const mostManifest = 1000;

/** Bytes that two headers of NPY files may have beside the numbers. */
const headerBytes = 1000;

/** The samples that a worker has. */
export interface SamplesIn {
  /** Those of a job; undefined when the run has them no more. Throws `InputError` for what is no such samples. */
  take(run: string, name: SamplesName): Promise<Samples | undefined>;
}

interface Entry {
  readonly samples: Promise<Samples | undefined>;
  readonly bytes: number;
}

/**
 * Fetches samples once and keeps up to `most` bytes of them, whatever run they are of: they are known by their content,
 * which is checked. Every size is checked before anything is allocated for it.
 */
export function createSamplesIn(redis: Redis, most: number): SamplesIn {
  const entries = new Map<string, Entry>(); // the one used longest ago first
  return {
    async take(run, name) {
      const bytes = 8 * name.count * (name.inputs + name.outputs);
      if (bytes > most) {
        throw new InputError(
          `the samples of a job take ${bytes} bytes, expected at most ${most} on this worker`,
        );
      }
      const label = `${name.hash} ${name.count} ${name.inputs} ${name.outputs}`;
      let entry = entries.get(label);
      if (entry === undefined) entry = { samples: fetchSamples(redis, run, name, bytes), bytes };
      entries.delete(label);
      entries.set(label, entry);
      let total = [...entries.values()].reduce((sum, one) => sum + one.bytes, 0);
      for (const [key, one] of entries) {
        if (total <= most) break;
        entries.delete(key);
        total -= one.bytes;
      }
      try {
        const samples = await entry.samples;
        if (samples === undefined) entries.delete(label);
        return samples;
      } catch (error) {
        entries.delete(label);
        throw error;
      }
    },
  };
}

async function fetchSamples(
  redis: Redis,
  run: string,
  name: SamplesName,
  bytes: number,
): Promise<Samples | undefined> {
  const manifest = await fetchManifest(redis, run, name);
  if (manifest === undefined) return undefined;
  if (manifest.bytes < bytes || manifest.bytes > bytes + headerBytes) {
    throw new InputError(
      `samples ${name.hash} take ${manifest.bytes} bytes, expected ${bytes} and their headers`,
    );
  }
  if (manifest.pieces !== Math.ceil(manifest.bytes / pieceBytes)) {
    throw new InputError(
      `samples ${name.hash} are in ${manifest.pieces} pieces, expected pieces of ${pieceBytes} bytes`,
    );
  }
  const content = Buffer.alloc(manifest.bytes);
  for (let index = 0; index < manifest.pieces; index++) {
    const expected = Math.min(pieceBytes, manifest.bytes - index * pieceBytes);
    const piece = await fetchPiece(redis, keys.piece(run, name.hash, index), expected, manifest.isPacked);
    if (piece === undefined) return undefined;
    content.set(piece, index * pieceBytes);
  }
  if (createHash('sha256').update(content).digest('hex').slice(0, 32) !== name.hash) {
    throw new InputError(`samples ${name.hash} have another content than their name says`);
  }
  const inputs = readNpy(content.subarray(0, manifest.inputBytes), 'inputs');
  const outputs = readNpy(content.subarray(manifest.inputBytes), 'outputs');
  if (
    inputs.rows !== name.count ||
    outputs.rows !== name.count ||
    inputs.columns !== name.inputs ||
    outputs.columns !== name.outputs
  ) {
    throw new InputError(`samples ${name.hash} have other shapes than their job says`);
  }
  return { inputs: inputs.data, outputs: outputs.data, count: name.count };
}

async function fetchManifest(
  redis: Redis,
  run: string,
  { hash }: SamplesName,
): Promise<Manifest | undefined> {
  const key = keys.samples(run);
  const length = await redis.hstrlen(key, hash);
  if (length === 0) return undefined;
  if (length > mostManifest)
    throw new InputError(`the manifest of samples ${hash} has ${length} bytes, expected fewer`);
  const text = await redis.hget(key, hash);
  return text === null ? undefined : checkMessage('a manifest of samples', manifestSchema, parseJson(text));
}

/** A piece of `expected` bytes; undefined when it is gone. */
async function fetchPiece(
  redis: Redis,
  key: string,
  expected: number,
  isPacked: boolean,
): Promise<Uint8Array | undefined> {
  const length = await redis.strlen(key);
  if (length === 0) return undefined;
  if (length > expected + (isPacked ? headerBytes : 0)) {
    throw new InputError(`a piece of samples has ${length} bytes, expected at most ${expected}`);
  }
  const content = await redis.getBuffer(key);
  if (content === null) return undefined;
  const piece = isPacked ? await unpack(content, expected) : content;
  if (piece.length !== expected) {
    throw new InputError(`a piece of samples has ${piece.length} bytes, expected ${expected}`);
  }
  return piece;
}

async function unpack(content: Buffer, expected: number): Promise<Buffer> {
  try {
    return await inflate(content, { maxOutputLength: expected });
  } catch {
    throw new InputError(`a piece of samples cannot be unpacked to ${expected} bytes`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
