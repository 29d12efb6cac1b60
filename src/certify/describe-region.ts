import type { AnswersCheck } from './check-answers.js';
import type { Region } from './region.js';

const shown = (value: number) => (value >= 1e4 ? value.toExponential(0) : String(value));
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Where a verdict holds and what was asked there, in words. */
export function describeRegion({ kind, least, most, shells }: Region): string {
  const total = shells.reduce((sum, shell) => sum + shell.queries, 0);
  if (kind === 'pairs') return `where the given pairs lie: ${total} of them were held out`;
  const kinds = [...new Set(shells.map((shell) => shell.kind))].map((own) => {
    const share = shells.filter((shell) => shell.kind === own).reduce((sum, shell) => sum + shell.share, 0);
    return `${names[own]} ${percent(share)}`;
  });
  const sizes = `inputs of a size from ${shown(least)} to ${shown(most)}`;
  const onGrid = most > 0 ? `on the grid, continuous ${sizes}` : 'on the grid';
  const where = kind === 'bounds' ? 'inside the bounds' : kind === 'grid' ? onGrid : sizes;
  return `${where}: ${total} fresh queries (${kinds.join(', ')})`;
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
