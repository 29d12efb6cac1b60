const view = new DataView(new ArrayBuffer(8));

/**
 * 53 bits of some numbers, in which 0 and −0 differ: of a million different rows, two are taken for the same once in 20,000
 * times.
 */
export function hashOf(numbers: Float64Array): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (const value of numbers) {
    view.setFloat64(0, value);
    for (const word of [view.getUint32(0), view.getUint32(4)]) {
      low = Math.imul(low ^ word, 0x01000193);
      low ^= low >>> 15;
      high = Math.imul(high ^ word, 0x5bd1e995);
      high ^= high >>> 13;
    }
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
