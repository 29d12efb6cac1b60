import type { Network } from '../records.js';
import type { StoredLayer, StoredStudent } from '../run/recovery-schema.js';
import { details, escapeHtml, formatNumber, table } from './html.js';
import type { LayerView } from './layer-view.js';
import type { ReportData, TruthPart } from './report-data.js';

/** Most rows of one table: the rest is in recovery.json. */
const mostRows = 300;
const mostCells = 20_000;

const limited = <T>(rows: readonly T[]) => rows.slice(0, mostRows);
const rest = (rows: readonly unknown[]) =>
  rows.length > mostRows
    ? `<p>The first ${mostRows} of ${formatNumber(rows.length)}; all are in <code>recovery.json</code>.</p>`
    : '';

/** The weights of every layer as numbers, where there are not too many. */
export function weightTables({ layers }: Network): string {
  const cells = layers.reduce((sum, { weights }) => sum + weights.length, 0);
  if (cells > mostCells || layers.some(({ inputs }) => inputs > 64)) {
    return '<p>The numbers are in <code>network.json</code>, <code>network.npz</code> and the other files of the run folder.</p>';
  }
  const tables = layers.map(({ inputs, outputs, weights, biases }, index) => {
    const rows = Array.from({ length: outputs }, (_, j) => [
      `${index === layers.length - 1 ? 'output' : 'neuron'} ${j + 1}`,
      ...Array.from(weights.subarray(j * inputs, (j + 1) * inputs), (w) => w.toFixed(4)),
      biases[j].toFixed(4),
    ]);
    const from = index === 0 ? 'input' : 'neuron';
    const head = ['', ...Array.from({ length: inputs }, (_, k) => `${from}&nbsp;${k + 1}`), 'bias'];
    const name = index === layers.length - 1 ? 'Output layer' : `Hidden layer ${index + 1}`;
    return table(`${name}: weights and bias, to four decimals`, head, limited(rows)) + rest(rows);
  });
  return details('All weights as numbers', `<div class="wide">${tables.join('')}</div>`);
}

const widthOf = ({ shape }: StoredStudent) => (shape.widths ?? [shape.hidden ?? 0]).join('-');

const behindOf = ({ peeled = 0 }: StoredStudent) =>
  peeled === 0 ? '' : `, behind ${peeled} known layer${peeled === 1 ? '' : 's'}`;

/** Every student in one line. */
export function studentTable(students: readonly StoredStudent[]): string {
  const rows = students.map((student) => [
    String(student.index),
    `${widthOf(student)} ${student.shape.activation}${behindOf(student)}`,
    student.start,
    `${formatNumber(student.samples)}, spread ${formatNumber(student.spread)}`,
    formatNumber(student.iterations),
    formatNumber(student.loss),
    escapeHtml(student.reason),
    student.atFloor ? '<span class="pass">yes</span>' : 'no',
  ]);
  const head = ['Student', 'Neurons', 'Start', 'Samples', 'Iterations', 'Loss', 'Stopped', 'At the floor'];
  return details(
    `All ${formatNumber(students.length)} students`,
    table('Students in the order in which they were trained', head, limited(rows)) + rest(rows),
  );
}

/** What was kept or dropped of the clusters of one layer, and why. */
export function clusterTables({ clustering: { clusters, metric } }: LayerView): string {
  const kept = clusters.filter((cluster) => cluster.kept);
  const dropped = clusters.filter((cluster) => !cluster.kept);
  const unit = metric.includes('angle') ? ' rad' : '';
  const row = (cluster: (typeof clusters)[number], index: number) => [
    String(index + 1),
    String(cluster.members.length),
    `${Math.round(100 * cluster.share)} %`,
    cluster.members.length > 1 ? `${formatNumber(cluster.medianDistance)}${unit}` : '–',
    cluster.kept ? '<span class="pass">kept</span>' : '<span class="fail">dropped</span>',
    escapeHtml(cluster.why),
  ];
  const head = ['Cluster', 'Neurons', 'Share of students', 'Median distance', 'Outcome', 'Why'];
  const tables = [
    table(`The ${kept.length} clusters that were kept`, head, limited(kept).map(row)) + rest(kept),
  ];
  if (dropped.length > 0) {
    tables.push(
      details(
        `The ${dropped.length} clusters that were dropped`,
        table('Clusters that were dropped', head, limited(dropped).map(row)) + rest(dropped),
      ),
    );
  }
  return tables.join('\n');
}

/** The deletion tests of one layer, folded; empty where there were none. */
export function deletionTable({ deletions }: StoredLayer): string {
  if (deletions === undefined || deletions.length === 0) return '';
  const rows = deletions.map(({ lossWithout, removed, isEstimated }, index) => [
    String(index + 1),
    isEstimated ? `at least ${formatNumber(lossWithout)}, by JᵀJ` : formatNumber(lossWithout),
    removed ? '<span class="fail">superfluous, dropped</span>' : '<span class="pass">needed</span>',
  ]);
  return details(
    `The ${deletions.length} deletion tests`,
    table(
      'Each neuron left out, the others trained again',
      ['Test', 'Loss without it', 'Outcome'],
      limited(rows),
    ) + rest(rows),
  );
}

/** Every neuron beside its counterpart in the truth. */
export function truthTables({ comparison, path }: TruthPart): string {
  const { neurons, missing, excess, maxWeightError, rmsWeightError, functionError, converted } = comparison;
  const rows = [
    [
      'Neurons',
      `${missing.join(', ')} missing, ${excess.join(', ')} in excess (a figure for each hidden layer)`,
    ],
    ['Largest weight error', formatNumber(maxWeightError)],
    ['Rms weight error', formatNumber(rmsWeightError)],
    ['Function error', `${formatNumber(functionError)} relative, on standard-normal inputs`],
  ];
  if (converted !== null)
    rows.push(['Rewritten', `from ${converted}, whose networks are the same functions`]);
  const lists = neurons.map((all, index) => {
    const list = all.map(({ truth, recovered, error }) => [
      truth === null ? 'none' : String(truth + 1),
      recovered === null ? '<span class="fail">missing</span>' : String(recovered + 1),
      formatNumber(error),
    ]);
    return details(
      `Hidden layer ${index + 1}: ${all.length} neurons`,
      table(
        'Neurons of the truth and those that match',
        ['Truth', 'Found', 'Relative error'],
        limited(list),
      ) + rest(list),
    );
  });
  return `<p>Measured against <code>${escapeHtml(path)}</code>. Neurons are matched after the symmetries are fixed; errors are relative to their neuron. The recovery never saw this network.</p>${table('What was found beside the truth', ['', ''], rows)}${lists.join('')}`;
}

/** Settings whose names are not words. */
const inWords: Readonly<Record<string, string>> = {
  inputDimension: 'number of inputs',
  memoryBytes: 'memory',
};

function describeSetting(name: string, value: unknown): string {
  if (value === null) return name === 'budget' ? 'no limit' : 'not given';
  if (name === 'memoryBytes') return `${(Number(value) / 2 ** 30).toFixed(1)} GiB`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What was asked for, on what machine, and where the files are. */
export function runTables({ recovery, record }: ReportData): string {
  const rows = (entries: Readonly<Record<string, unknown>>) =>
    Object.entries(entries).map(([name, value]) => [
      escapeHtml(inWords[name] ?? name),
      escapeHtml(describeSetting(name, value)),
    ]);
  const target: [string, string][] = [
    ['target', `<code>${escapeHtml(record?.target.description ?? recovery.target)}</code>`],
  ];
  if (record !== undefined) {
    target.push(
      ['identity', `<code>${escapeHtml(record.target.identity)}</code>`],
      ['started', escapeHtml(record.started)],
    );
  }
  const parts = [
    table('What was asked for', ['', ''], [...target, ...rows(record?.options ?? recovery.options)]),
    table('What it ran on', ['', ''], [...rows(recovery.versions), ...rows(record?.machine ?? {})]),
  ];
  return parts.join('\n');
}
