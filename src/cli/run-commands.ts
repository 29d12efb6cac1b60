import { type Command, Option } from 'commander';
import { alignColumns } from '../base/align-columns.js';
import { checkInteger } from '../base/checks.js';
import { InputError } from '../base/errors.js';
import { toJson } from '../files/format-json.js';
import { type ClusterAgainOptions, type ClusteredAgain, clusterAgain } from '../run/cluster-again.js';
import { listRuns } from '../run/list-runs.js';
import type { CommandIo } from './io.js';
import { number } from './option-table.js';

interface ClusterCommandOptions extends ClusterAgainOptions {
  readonly json: boolean;
}

/** Adds the commands that look at runs again: `cluster`, `report` and `runs`. */
export function addRunCommands(program: Command, io: CommandIo, finish: (code: number) => void): void {
  program
    .command('cluster')
    .description('cluster the stored students of a run again, without training')
    .argument('<dir>', 'the folder of a run')
    .addOption(
      new Option(
        '--min-share <share>',
        'share of the students that a cluster needs (default: 0.7)',
      ).argParser(number('--min-share', 'above 0 and up to 1', (share) => share > 0 && share <= 1)),
    )
    .addOption(
      new Option(
        '--max-angle <radians>',
        'where the tree is cut; relative to the typical length where lengths count (default: the best of several)',
      ).argParser(number('--max-angle', 'above 0', (angle) => angle > 0)),
    )
    .addOption(
      new Option(
        '--students <list>',
        'students by number, such as 0,3,5-8 (default: the best at the floor)',
      ).argParser(listOfIntegers),
    )
    .addOption(
      new Option(
        '--layer <n>',
        'number of the hidden layer (default: the first that was clustered)',
      ).argParser((text) => checkInteger('--layer', Number(text), 1)),
    )
    .option('--json', 'print one JSON object instead of the table', false)
    .action(async (folder: string, options: ClusterCommandOptions) => {
      finish(await runCluster(folder, options, io));
    });
  program
    .command('report')
    .description('write the report of a run again')
    .argument('<dir>', 'the folder of a run')
    .action(async (folder: string) => {
      const { writeReport } = await import('../report/write-report.js');
      io.out(await writeReport(folder));
      finish(0);
    });
  program
    .command('runs')
    .description('list runs with their verdicts')
    .argument('[dir]', 'the folder that holds the run folders', 'eac-runs')
    .option('--json', 'print one JSON array instead of the table', false)
    .action(async (parent: string, options: { readonly json: boolean }) => {
      finish(await runRuns(parent, options.json, io));
    });
}

async function runCluster(folder: string, options: ClusterCommandOptions, io: CommandIo): Promise<number> {
  const { layer, layers, clustering } = await clusterAgain(folder, options);
  if (options.json) {
    io.out(JSON.stringify(toJson({ layer, ...clustering })));
    return 0;
  }
  const { students, metric, chosen, cuts, clusters } = clustering;
  const kept = clusters.filter((cluster) => cluster.kept);
  if (layers.length > 1) {
    io.out(`Hidden layer ${layer} of ${layers.length}.${describeOthers(layers, layer)}`);
    io.out('');
  }
  io.out(
    `${kept.length} clusters kept, ${clusters.length - kept.length} dropped, of students ${students.join(', ')} (${metric}, cut at ${chosen.height.toExponential(1)})`,
  );
  if (kept.length === 0) {
    const instead = clustering.incoming.length > 0 ? ': the neurons of the best student stand in' : '';
    io.out(`No cluster has enough students${instead}.`);
  }
  io.out('');
  const rows = cuts.map((cut) => [
    ...[String(cut.students), cut.height.toExponential(1), String(cut.clusters)],
    Number.isNaN(cut.loss) ? '-' : cut.loss.toExponential(1),
    cut === chosen ? 'chosen' : '',
  ]);
  for (const line of alignColumns([['students', 'cut', 'clusters', 'loss', ''], ...rows])) io.out(line);
  io.out('');
  const described = clusters.map(({ members, share, medianDistance, kept: isKept, why }, index) => [
    ...[
      String(index + 1),
      String(members.length),
      share.toFixed(2),
      members.length > 1 ? medianDistance.toExponential(1) : '-',
    ],
    `${isKept ? 'kept' : 'dropped'}: ${why}`,
  ]);
  const head = ['cluster', 'neurons', 'share', 'median distance', ''];
  for (const line of alignColumns([head, ...described])) io.out(line);
  return 0;
}

/** What can be done with the other layers, in words. */
function describeOthers(layers: ClusteredAgain['layers'], layer: number): string {
  const sentences = layers.map(({ how, isClustered }, i) => {
    if (i + 1 === layer) return '';
    if (isClustered) return ` Layer ${i + 1}: with --layer ${i + 1}.`;
    return how === 'far field'
      ? ` Layer ${i + 1} was read off the far field, without students to cluster.`
      : ` Layer ${i + 1} was not clustered.`;
  });
  return sentences.join('');
}

async function runRuns(parent: string, json: boolean, io: CommandIo): Promise<number> {
  const runs = await listRuns(parent);
  if (json) {
    io.out(JSON.stringify(toJson(runs)));
    return 0;
  }
  if (runs.length === 0) io.out(`${parent} holds no runs`);
  const rows = runs.map(
    ({ folder, state, target, widths, activation, queries, seconds, started, problem }) => [
      folder,
      state,
      widths.join('-') || '-',
      activation ?? '-',
      queries === null ? '-' : String(queries),
      seconds === null ? '-' : seconds.toFixed(1),
      started === null ? '-' : started.slice(0, 16).replace('T', ' '),
      problem ?? target,
    ],
  );
  const head = ['run', 'verdict', 'widths', 'activation', 'queries', 'seconds', 'started (UTC)', 'target'];
  if (runs.length > 0) for (const line of alignColumns([head, ...rows])) io.out(line);
  return 0;
}

/** Integers and ranges of them joined by commas. */
function listOfIntegers(text: string): number[] {
  const list = text.split(',').flatMap((part) => {
    const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (first === undefined || to < from || to - from > 100_000) {
      throw new InputError(`--students must be numbers such as 0,3,5-8, got '${text}'`);
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return [...new Set(list)];
}
