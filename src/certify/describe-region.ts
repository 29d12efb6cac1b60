import type { AnswersCheck } from './check-answers.js';
import type { Region } from './region.js';

const shown = (value: number) => (value >= 1e4 ? value.toExponential(0) : String(value));
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** A frame as it is computed with, or as it was stored. */
interface ShownFrame {
  readonly shifts: ArrayLike<number>;
  readonly scales: ArrayLike<number>;
}

/** A region as it is stated, or as it was stored. */
type ShownRegion = Omit<Region, 'around'> & { readonly around?: ShownFrame | undefined };

/** Where a verdict holds and what was asked there, in words. */
export function describeRegion({ kind, least, most, around, shells }: ShownRegion): string {
  const total = shells.reduce((sum, shell) => sum + shell.queries, 0);
  if (kind === 'pairs') return `where the given pairs lie: ${total} of them were held out`;
  const kinds = [...new Set(shells.map((shell) => shell.kind))].map((own) => {
    const share = shells.filter((shell) => shell.kind === own).reduce((sum, shell) => sum + shell.share, 0);
    return `${names[own]} ${percent(share)}`;
  });
  const where = around ? ` where ${describeFrame(around)}` : '';
  const sizes = `inputs of a size from ${shown(least)} to ${shown(most)}${where}`;
  const onGrid = most > 0 ? `on the grid, continuous ${sizes}` : 'on the grid';
  const place = kind === 'bounds' ? 'inside the bounds' : kind === 'grid' ? onGrid : sizes;
  return `${place}: ${total} fresh queries (${kinds.join(', ')})`;
}

/** Inputs of which the places are shown one by one. */
const mostShown = 6;

/** What inputs are counted from and in, in words. */
export function describeFrame({ shifts, scales }: ShownFrame): string {
  const list = (values: ArrayLike<number>) =>
    `${Array.from(Array.from(values).slice(0, mostShown), (value) => Number(value.toPrecision(3))).join(', ')}${values.length > mostShown ? ', …' : ''}`;
  return `inputs are counted from ${list(shifts)} in units of ${list(scales)}`;
}

const names = {
  cloud: 'in clouds',
  'single inputs': 'along single inputs',
  corners: 'at corners',
  normals: "along the neurons' normals",
  bends: 'where neurons bend',
  pairs: 'pairs',
} as const;

/** How a network does on the answers of its run, in words. */
export function describeAnswers({
  checked,
  given,
  contradicted,
  largestError,
  allowedError,
}: AnswersCheck): string {
  const all = checked < given ? ` (of ${given} given)` : '';
  if (contradicted === 0) return `all ${checked} different answers of this run are reproduced${all}`;
  return `${contradicted} of ${checked} different answers of this run${all} are not reproduced: off by up to ${largestError.toExponential(1)} where ${allowedError.toExponential(1)} is allowed`;
}

/** That a target clips its inputs, and the bounds within which it does not, in words. */
export const describeClips = (clips: ShownBounds): string =>
  `the target clips its inputs, and beyond these ranges they change nothing; all of this holds within --bounds="${boundsText(clips)}"`;

/** Bounds as they are stored or computed with. */
interface ShownBounds {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/** Bounds as `--bounds` takes them. */
export function boundsText({ lower, upper }: ShownBounds): string {
  const ranges = Array.from(lower, (low, k) => `${low},${upper[k]}`);
  return new Set(ranges).size === 1 ? ranges[0] : ranges.join(';');
}
