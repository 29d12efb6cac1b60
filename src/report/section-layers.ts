import type { StoredLayer } from '../run/recovery-schema.js';
import { drawClusters } from './figures-cluster-list.js';
import { drawDendrogram, drawDistances } from './figures-clusters.js';
import { formatNumber } from './html.js';
import type { LayerView } from './layer-view.js';
import type { Figure } from './plot.js';
import { clusterTables, deletionTable } from './sections.js';

/** One hidden layer: how its neurons were found, what was kept or dropped, and why. */
export function layerContent(
  stored: StoredLayer,
  view: LayerView | undefined,
  show: (figure: Figure) => string,
): string {
  if (view === undefined) return `<p>${withoutTree(stored)}</p>${deletionTable(stored)}`;
  const figures = [drawDendrogram(view), drawDistances(view), drawClusters(view)];
  const drawn = figures.map((figure) => (figure === undefined ? '' : show(figure))).join('');
  return `<p>${howShared(stored, view)}</p>${drawn}${clusterTables(view)}${deletionTable(stored)}`;
}

const counted = (count: number, one: string, many: string) =>
  count === 1 ? `one ${one}` : `${formatNumber(count)} ${many}`;

/** How the students' neurons of a layer were joined, in words. */
function howShared(
  { how, widths, peeled = 0 }: StoredLayer,
  { clustering, behind, isHinted }: LayerView,
): string {
  const { chosen, cuts } = clustering;
  const students = counted(chosen.students, 'student', 'students');
  const idea =
    'Students that imitate perfectly must contain the target’s neurons, and each adds superfluous ones of its own.';
  const known = how === 'students' ? peeled : behind;
  const inputs =
    known === 0
      ? ''
      : ` The ${known === 1 ? 'layer before was' : `${known} layers before were`} known by then, so these students got what ${known === 1 ? 'it gives' : 'they give'} as inputs.`;
  if (how === 'students') {
    const cut =
      chosen.students === 1
        ? 'With one student alone there is nothing to compare: all of its neurons were kept, and those that are superfluous fell in the deletion tests'
        : 'The tree was cut low, as what students at the floor have in common agrees to many digits. A cluster counts when every student has a neuron in it';
    const hint = isHinted
      ? ' They started at directions that the target’s answers far from the origin show.'
      : '';
    return `${idea} Those of this layer were found in the first layer of ${students} with ${widths?.length ?? 'several'} hidden layers (widths ${widths?.join('-')}), joined by how alike their incoming weights are.${inputs}${hint} ${cut}.`;
  }
  return `${idea}${inputs} So the neurons of ${students} were joined by how alike their incoming weights are, and the tree was cut where one neuron for each shared cluster imitates the target best (${counted(cuts.length, 'cut was', 'cuts were')} tried). A cluster counts when enough students have a neuron in it.`;
}

/** How the neurons of a layer were found where no tree can be shown. */
function withoutTree({ how, lines, inspected, students, widths }: StoredLayer): string {
  if (how === 'far field') {
    const together =
      widths === undefined
        ? ''
        : ` No students behind them imitated the target, so this layer and the next descended together, with ${widths.join('-')} neurons, and then lost those that they could do without.`;
    return `The neurons of this layer were read off the target’s answers far from the origin, where along a line the bends of single neurons stand alone: ${formatNumber(inspected)} bends on ${formatNumber(lines)} lines were looked at.${together} No students were clustered for it, so there is no tree to show.`;
  }
  if (how === 'students') {
    return `The neurons of this layer are those that ${counted(students ?? 1, 'student', 'students')} with the hidden widths ${widths?.join('-')} had in the first of their layers at the floor. The tree of their neurons is not in <code>recovery.json</code>, which an earlier version wrote.`;
  }
  if (how === 'pruned') {
    return `The neurons of this layer are what was left of a student with the hidden widths ${widths?.join('-')} when every neuron that it could do without had been left out. Nothing was clustered for it, so there is no tree to show.`;
  }
  return 'The neurons of this layer were not found by clustering students, so there is no tree to show.';
}
