import { benchAlgebra } from './algebra.js';
import { benchClosedForm } from './closed-form.js';
import type { BenchContext } from './contest.js';
import { benchGradient } from './gradient.js';
import { benchClusters, benchLinkage } from './linkage.js';
import { benchMachines } from './machines.js';
import { benchMatrixFree } from './matrix-free.js';
import { benchRecovery } from './recovery.js';
import { type BenchRow, headLine, ratioOf, rowLine } from './rows.js';
import { benchThreads } from './threads.js';

const parts = {
  gradient: benchGradient,
  algebra: benchAlgebra,
  linkage: benchLinkage,
  clusters: benchClusters,
  threads: benchThreads,
  machines: benchMachines,
  'closed-form': benchClosedForm,
  'matrix-free': benchMatrixFree,
  recovery: benchRecovery,
};

/** The parts of the bench, in the order in which they run. */
export const partNames = Object.keys(parts) as readonly (keyof typeof parts)[];

/** What is measured, and how. */
export interface BenchOptions {
  readonly parts: readonly string[];
  readonly quick: boolean;
  readonly python?: string;
  readonly threads: number;
  readonly minutes: number;
  readonly targets?: readonly string[];
  readonly json: boolean;
}

/** Runs the parts that were asked for; `out` gets lines as they come, or with `json` one object at the end. */
export async function bench(
  { parts: chosen, quick, python, threads, minutes, targets, json }: BenchOptions,
  out: (line: string) => void,
): Promise<void> {
  const rows: (BenchRow & { readonly ratio: number | null })[] = [];
  const notes: string[] = [];
  const context: BenchContext = {
    quick,
    patience: quick ? { rounds: 3, turn: 0.02 } : { rounds: 7, turn: 0.1 },
    python,
    threads,
    baselineSeconds: 60 * minutes,
    targets,
    note(line) {
      notes.push(line);
      if (!json) out(line);
    },
    head(title, peer) {
      if (!json) out(`\n${headLine(title, peer)}`);
    },
    row(row) {
      rows.push({ ...row, ratio: ratioOf(row) });
      if (!json) out(rowLine(row));
    },
  };
  for (const name of partNames) if (chosen.includes(name)) await parts[name](context);
  if (json) out(JSON.stringify({ node: process.version, rows, notes }));
}
