import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError } from '../base/errors.js';
import { explainWriteFailure } from '../files/write-file.js';
import { takeRows } from '../numeric/take-rows.js';
import type { Target } from '../query/oracle.js';

/** Answers kept on disk, so that a run that is resumed or repeated asks nothing twice. */
export interface AnswerCache {
  /** The file, which exists as soon as there is an answer in it. */
  readonly file: string;
  /** Answers that the file held when it was opened. */
  readonly held: number;
  /** Answers that were given from the file so far. */
  readonly reused: number;
  /**
   * The target behind the cache: what is held is answered from it, everything else is asked in one call and
   * written before it is returned. The n-th time that the same query is asked of this cache, the n-th answer
   * to it is given: a query that is repeated to measure noise is asked again, in a first run.
   */
  wrap(target: Target): Target;
  close(): void;
}

/** First bytes of the file: what it is, and its version. */
const magic = Buffer.from('EACANS1\n');
const keyLength = 16;
const blockHeader = 8;

/** Most answers or outputs in one block: more is a damaged file. */
const most = 2 ** 28;

/**
 * Opens the answers that `folder` holds for the target called `identity`: whatever distinguishes it from
 * other targets, such as its address, or a hash of its file. Every target has a file of its own. The file is
 * a sequence of blocks with checksums; a block that was cut short when a run was killed, and whatever follows
 * a damaged one, is dropped. Throws `InputError` when the file cannot be read or written.
 */
export function openAnswerCache(folder: string, identity: string): AnswerCache {
  const hash = createHash('sha256').update(identity).digest();
  const file = join(folder, `answers-${hash.toString('hex', 0, 4)}.bin`);
  return new AnswerFile(file, Buffer.concat([magic, hash]));
}

class AnswerFile implements AnswerCache {
  readonly file: string;
  readonly held: number = 0;
  readonly #header: Buffer;
  readonly #answers = new Map<string, Float64Array[]>();
  #descriptor: number | undefined;
  #end: number;
  #reused = 0;

  constructor(file: string, header: Buffer) {
    this.file = file;
    this.#header = header;
    this.#end = header.length;
    this.#inFile(() => {
      if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
      this.#descriptor = openSync(file, 'r+');
      this.#end = readBlocks(this.#descriptor, header, file, (query, answer) =>
        this.#remember(query, answer),
      );
      ftruncateSync(this.#descriptor, this.#end);
    });
    this.held = [...this.#answers.values()].reduce((sum, list) => sum + list.filter(Boolean).length, 0);
  }

  get reused() {
    return this.#reused;
  }

  wrap(target: Target): Target {
    const asked = new Map<string, number>();
    const queryOf = (inputs: Float64Array): Query => {
      const key = keyOf(inputs);
      const occurrence = asked.get(key) ?? 0;
      asked.set(key, occurrence + 1);
      return { key, occurrence };
    };
    return async (inputs, count) => {
      const d = inputs.length / count;
      const queries = Array.from({ length: count }, (_, n) => queryOf(inputs.subarray(n * d, (n + 1) * d)));
      const missing = [...queries.keys()].filter((n) => this.#find(queries[n]) === undefined);
      this.#reused += count - missing.length;
      if (missing.length > 0) {
        const fresh = takeRows(inputs, d, missing);
        const outputs = await target(fresh, missing.length);
        // an answer that cannot be used is for the meter to explain, and is not kept
        if (!isUsable(outputs, missing.length)) return outputs;
        this.#keep(
          missing.map((n) => queries[n]),
          outputs,
        );
      }
      return this.#join(queries.map((query) => this.#find(query)!));
    };
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Answers one after another. */
  #join(found: readonly Float64Array[]): Float64Array {
    const o = found[0].length;
    const joined = new Float64Array(found.length * o);
    found.forEach((answer, n) => {
      if (answer.length !== o) {
        throw new InputError(
          `${this.file} holds answers of ${o} and of ${answer.length} numbers for the same target, expected them to be alike`,
        );
      }
      joined.set(answer, n * o);
    });
    return joined;
  }

  #find({ key, occurrence }: Query): Float64Array | undefined {
    return this.#answers.get(key)?.[occurrence];
  }

  #remember({ key, occurrence }: Query, answer: Float64Array): void {
    const list = this.#answers.get(key);
    if (list === undefined) this.#answers.set(key, placed([], occurrence, answer));
    else placed(list, occurrence, answer);
  }

  #keep(queries: readonly Query[], outputs: Float64Array): void {
    const o = outputs.length / queries.length;
    this.#inFile(() => {
      if (this.#descriptor === undefined) {
        this.#descriptor = openSync(this.file, 'wx+');
        writeAll(this.#descriptor, this.#header, 0);
      }
      const block = encodeBlock(queries, outputs);
      writeAll(this.#descriptor, block, this.#end);
      this.#end += block.length;
    });
    queries.forEach((query, n) => {
      this.#remember(query, outputs.slice(n * o, (n + 1) * o));
    });
  }

  #inFile(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw explainWriteFailure(this.file, error);
    }
  }
}

interface Query {
  readonly key: string;
  /** How often the same query was asked before in the same run. */
  readonly occurrence: number;
}

function placed(list: Float64Array[], place: number, answer: Float64Array): Float64Array[] {
  list[place] = answer;
  return list;
}

function isUsable(outputs: unknown, count: number): outputs is Float64Array {
  if (!(outputs instanceof Float64Array)) return false;
  return outputs.length >= count && outputs.length % count === 0 && outputs.every(Number.isFinite);
}

/** 128 bits of the hash of a query's exact bytes, as text. */
function keyOf(query: Float64Array): string {
  const bytes = new Uint8Array(query.buffer, query.byteOffset, query.byteLength);
  return createHash('sha256').update(bytes).digest().toString('latin1', 0, keyLength);
}

/** count, o, the keys, the occurrences, the answers, a checksum. */
function encodeBlock(queries: readonly Query[], outputs: Float64Array): Buffer {
  const count = queries.length;
  const o = outputs.length / count;
  const block = Buffer.alloc(blockSize(count, o));
  block.writeUInt32LE(count, 0);
  block.writeUInt32LE(o, 4);
  queries.forEach(({ key, occurrence }, n) => {
    block.write(key, blockHeader + n * keyLength, 'latin1');
    block.writeUInt32LE(occurrence, blockHeader + count * keyLength + 4 * n);
  });
  const start = blockHeader + count * (keyLength + 4);
  outputs.forEach((value, i) => {
    block.writeDoubleLE(value, start + 8 * i);
  });
  block.writeUInt32LE(crc32(block.subarray(0, block.length - 4)), block.length - 4);
  return block;
}

const blockSize = (count: number, o: number) => blockHeader + count * (keyLength + 4 + 8 * o) + 4;

/** Reads every whole block and returns where the last one ends. */
function readBlocks(
  descriptor: number,
  header: Buffer,
  file: string,
  remember: (query: Query, answer: Float64Array) => void,
): number {
  const { size } = statSync(file);
  const found = readAt(descriptor, 0, Math.min(size, header.length));
  if (!found.equals(header.subarray(0, found.length))) {
    throw new InputError(`${file} holds no answers of this target, expected another folder`);
  }
  if (found.length < header.length) {
    ftruncateSync(descriptor, 0);
    writeAll(descriptor, header, 0);
    return header.length;
  }
  let at = header.length;
  while (at + blockHeader <= size) {
    const head = readAt(descriptor, at, blockHeader);
    const [count, o] = [head.readUInt32LE(0), head.readUInt32LE(4)];
    const length = blockSize(count, o);
    if (count < 1 || o < 1 || count > most || o > most || at + length > size) break;
    const block = readAt(descriptor, at, length);
    if (block.readUInt32LE(length - 4) !== crc32(block.subarray(0, length - 4))) break;
    for (let n = 0; n < count; n++) {
      const key = block.toString('latin1', blockHeader + n * keyLength, blockHeader + (n + 1) * keyLength);
      const occurrence = block.readUInt32LE(blockHeader + count * keyLength + 4 * n);
      const start = blockHeader + count * (keyLength + 4) + 8 * n * o;
      if (occurrence > most) continue;
      remember(
        { key, occurrence },
        Float64Array.from({ length: o }, (_, i) => block.readDoubleLE(start + 8 * i)),
      );
    }
    at += length;
  }
  return at;
}

function readAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, bytes, done, length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** A write that takes only a part, as on a disk that fills up, is continued until it fails. */
function writeAll(descriptor: number, bytes: Buffer, at: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
}
