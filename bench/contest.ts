import type { Kernels } from '../src/kernels/kernels.js';
import { isSupported } from '../src/kernels/load.js';
import { startKernels } from '../src/kernels/wasm.js';
import type { Patience } from './measure.js';
import type { BenchRow } from './rows.js';

/** What the parts of the bench know. */
export interface BenchContext {
  /** Only small cases, few rounds. */
  readonly quick: boolean;
  readonly patience: Patience;
  /** The Python to run peers with; the first that can where it is missing. */
  readonly python: string | undefined;
  readonly threads: number;
  /** Longest time that the baseline of a recovery may take, in seconds. */
  readonly baselineSeconds: number;
  /** ONNX files to recover; examples where it is missing. */
  readonly targets: readonly string[] | undefined;
  /** A line that is no measurement. */
  readonly note: (line: string) => void;
  readonly head: (title: string, peer: string) => void;
  readonly row: (row: BenchRow) => void;
}

/** Both builds with a memory of their own; undefined where the engine cannot run one. */
export function startBuilds(): { simd: Kernels | undefined; relaxed: Kernels | undefined } {
  const start = (name: 'simd' | 'relaxed') => (isSupported(name) ? startKernels(name) : undefined);
  return { simd: start('simd'), relaxed: start('relaxed') };
}

/** What to install for a peer, in words. */
export function missing(software: string, debian: string): string {
  return `${software} is not installed (Debian: apt-get install ${debian}); our figures stand alone`;
}
