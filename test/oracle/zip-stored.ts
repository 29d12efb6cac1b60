import { zipSync } from 'fflate';

/** A ZIP file of these files, in order, not compressed: what `numpy.savez` writes. */
export function zipStored(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  return zipSync(Object.fromEntries(files), { level: 0 });
}
