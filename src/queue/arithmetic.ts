import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { activationNames } from '../network/activations.js';
import { type DeepShape, deepParameterCount } from '../network/deep.js';
import { type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import { type FitShape, runJob } from '../optimise/fit.js';
import { packageVersion } from '../run/versions.js';

/** What the last bits of a result depend on beside the job: two machines on which it is equal give the same bytes. */
export interface Arithmetic {
  /** Of the package. */
  readonly version: string;
  /** Digest of its compiled files: two clones may differ and call themselves alike. */
  readonly code: string;
  /** Build of the kernels. */
  readonly kernels: string;
  /**
   * Digest of short trainings of every activation: relaxed SIMD fuses multiplication and addition where the processor
   * can, and engines differ in the last bits of their functions.
   */
  readonly numbers: string;
}

const described: Readonly<Record<keyof Arithmetic, string>> = {
  version: 'version',
  code: 'the code',
  kernels: 'kernels',
  numbers: 'the rounding of the machine',
};

/** In which way two arithmetics differ, in words that follow "has"; undefined when they are the same. */
export function describeDifference(own: Arithmetic, other: Arithmetic): string | undefined {
  const at = (['version', 'code', 'kernels', 'numbers'] as const).find(
    (field) => own[field] !== other[field],
  );
  return at && `${described[at]} ${own[at]} where the run has ${other[at]}`;
}

let known: { readonly kernels: Kernels; readonly arithmetic: Arithmetic } | undefined;

/** The arithmetic of this process. */
export function arithmeticOf(kernels: Kernels): Arithmetic {
  if (known?.kernels !== kernels) {
    const own = { version: packageVersion(), code: codeDigest(), kernels: kernels.name };
    known = { kernels, arithmetic: { ...own, numbers: numbersDigest(kernels) } };
  }
  return known.arithmetic;
}

const short = (hash: Hash) => hash.digest('hex').slice(0, 12);

function codeDigest(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.js'))
    .sort();
  const hash = createHash('sha256');
  for (const name of files) hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  return short(hash);
}

/** Trained for the digest: enough that every function of the kernels has rounded. */
const probe = { inputs: 2, hidden: 3, outputs: 1, count: 50, iterations: 6 } as const;

function numbersDigest(kernels: Kernels): string {
  const hash = createHash('sha256');
  const { inputs: d, hidden, outputs, count, iterations } = probe;
  const random = randomStream('arithmetic');
  const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
  const samples = { inputs: draw(count * d), outputs: draw(count * outputs), count };
  const train = (shape: FitShape, parameters: number) => {
    const start = draw(parameters);
    const options = { maxIterations: iterations };
    const { parameters: end, lossCurve } = runJob(kernels, {
      samples,
      shape,
      method: { kind: 'descend', start, options },
    });
    for (const values of [end, lossCurve]) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  };
  for (const activation of activationNames) {
    const common = { inputs: d, outputs, activation, slope: 0.1, skip: false };
    const shallow: ShallowShape = { ...common, hidden };
    train(shallow, shallowParameterCount(shallow));
    const deep: DeepShape = { ...common, widths: [hidden, hidden] };
    train(deep, deepParameterCount(deep));
  }
  const functions = [
    Math.exp,
    Math.log,
    Math.tanh,
    Math.sin,
    Math.cos,
    Math.atan,
    Math.cbrt,
    Math.sqrt,
    Math.log1p,
  ];
  for (const x of draw(count)) {
    const values = functions.map((of) => of(Math.abs(x))).concat(Math.hypot(x, 1, 3), Math.abs(x) ** 2.5);
    hash.update(new Uint8Array(Float64Array.from(values).buffer));
  }
  return short(hash);
}
