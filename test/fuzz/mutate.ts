import type { RandomStream } from '../../src/base/random.js';

/** Bytes at which parsers tend to stumble. */
const awkward = [0, 1, 9, 10, 34, 44, 45, 58, 92, 123, 125, 127, 128, 254, 255];

/** Integers at which sizes overflow. */
const sizes = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

/** A copy of `bytes` with one to five changes; `other` is a second file, from which pieces are taken. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: RandomStream): Uint8Array {
  let changed: Uint8Array = new Uint8Array(bytes); // a copy, of a Buffer too
  for (let changes = 1 + random.integer(5); changes > 0; changes--) changed = change(changed, other, random);
  return changed;
}

function change(bytes: Uint8Array, other: Uint8Array, random: RandomStream): Uint8Array {
  if (bytes.length === 0) return other.slice(0, random.integer(other.length));
  // headers are short and decide most: half of the changes are made in them, or in the last bytes
  const near = [random.integer(bytes.length), random.integer(Math.min(bytes.length, 200))];
  const at = [near[0], near[1], near[0], bytes.length - 1 - near[1]][random.integer(4)];
  const length = Math.min(bytes.length - at, 1 + random.integer(random.integer(2) === 0 ? 8 : 200));
  switch (random.integer(8)) {
    case 0:
      bytes[at] ^= 1 << random.integer(8);
      return bytes;
    case 1:
      bytes[at] = awkward[random.integer(awkward.length)];
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return join(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4:
      return join(bytes.subarray(0, at + length), bytes.subarray(at));
    case 5: {
      const from = random.integer(other.length);
      return join(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at));
    }
    case 6: {
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(sizes[random.integer(sizes.length)]);
      bytes.set(size.subarray(0, Math.min([1, 2, 4, 8][random.integer(4)], bytes.length - at)), at);
      return bytes;
    }
    default: {
      // a digit in text becomes another, or many
      const digits = new TextEncoder().encode(String(sizes[random.integer(sizes.length)]));
      const isDigit = bytes[at] >= 48 && bytes[at] <= 57;
      return isDigit ? join(bytes.subarray(0, at), digits, bytes.subarray(at + 1)) : bytes;
    }
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
