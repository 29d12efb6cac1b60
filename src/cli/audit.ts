import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { breakingOutcome, type FailRule, outcomeOf } from '../audit/fail-rule.js';
import { defaultBudget, viewsOf } from '../audit/ladder.js';
import { toJUnit, toSarif } from '../audit/pipelines.js';
import { type Audit, type Outcome, runAudit } from '../audit/run-audit.js';
import { describeAudit, describeRule, short } from '../audit/words.js';
import { alignColumns } from '../base/align-columns.js';
import { InputError } from '../base/errors.js';
import { machineMemory } from '../execute/machine-memory.js';
import { createThreadedFitter } from '../execute/threads.js';
import { toJson } from '../files/format-json.js';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';
import { loadKernels } from '../kernels/load.js';
import type { ActivationName } from '../network/activations.js';
import type { HeadName } from '../network/head.js';
import { packageVersion } from '../run/versions.js';
import { auditOptionTable } from './audit-options.js';
import {
  openTwice,
  type PreparedAudit,
  prepareAudit,
  readTraffic,
  type TwoPrecisions,
} from './audit-target.js';
import { catchInterrupts, type Interruption } from './interrupt.js';
import type { CommandIo } from './io.js';
import { commanderOptions } from './option-table.js';
import { type TargetCommandOptions, targetOptionsOf } from './target-options.js';

/** The options of `eac audit`, parsed (`auditOptionTable`). */
export interface AuditCommandOptions extends TargetCommandOptions {
  readonly time: number;
  readonly budget?: number;
  readonly data?: string;
  readonly inputs?: string;
  readonly price?: number;
  readonly defend: boolean;
  readonly failIf?: FailRule;
  readonly out?: string;
  readonly junit?: string;
  readonly sarif?: string;
  readonly activation: ActivationName | 'auto';
  readonly depth: number | 'auto';
  readonly head: HeadName | 'auto';
  readonly seed: number;
  readonly threads: number;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Exit code where an attack came as far as `--fail-if` says. */
export const failedRule = 5;

/** Adds `eac audit TARGET` to the command line. */
export function addAuditCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('audit')
    .description(
      'how much a model gives away to whom: it is attacked under a ladder of what outsiders may see; exit code 0, 5 where --fail-if holds',
    )
    .argument(
      '[target]',
      'a target as `eac recover` takes it; of a file, the weights are read for measurements alone',
    )
    .action(async (target: string | undefined, options: AuditCommandOptions) => {
      finish(await runAuditCommand(target, options, io));
    });
  for (const option of commanderOptions(auditOptionTable)) command.addOption(option);
}

/**
 * `eac audit TARGET`: attacks the target under everything that an outsider may see, measures what came out, writes the
 * audit's folder and prints a table and plain words, or with `json` one object. Returns 0, or 5 where an attack came as
 * far as `--fail-if` says. Throws `InputError` when the target or the data cannot be read or a file cannot be written.
 */
export async function runAuditCommand(
  place: string | undefined,
  options: AuditCommandOptions,
  io: CommandIo,
): Promise<number> {
  const budget = budgetOf(options);
  const asked = targetOptionsOf(options);
  const twice = await openTwice(place, {
    ...asked,
    activation: options.activation,
    notify: (message) => io.stderr.write(`${message}\n`),
    onStderr: (text) => io.stderr.write(text),
  });
  const interruption = catchInterrupts();
  const fitter = createThreadedFitter(options.threads);
  let prepared: PreparedAudit | undefined;
  try {
    const folder = options.out ?? join('eac-audits', twice.opened.name);
    const traffic = await readTraffic(options.data, options.inputs, twice.opened.inputDimension);
    await makeFolder(folder);
    const { cache, head, activation } = options;
    prepared = await prepareAudit(twice, folder, traffic, {
      cache,
      head,
      activation,
      guard: interruption.guardTarget,
    });
    checkRule(options.failIf, prepared);
    const audit = await interruption.race(
      runAudit({
        ...prepared,
        settings: {
          inputDimension: twice.opened.inputDimension,
          ...{ activation, depth: options.depth, head, seed: options.seed },
          bounds: traffic?.bounds ?? null,
          traffic: traffic?.seen ?? new Float64Array(),
        },
        options: { budget, defend: options.defend, asked: options.failIf },
        time: options.time,
        price: options.price ?? null,
        environment: {
          kernels: loadKernels(),
          fitter: interruption.guardFitter(fitter),
          stop: interruption,
          memory: machineMemory(options.threads),
        },
        onRung: ({ view, access, budget: most }, number, of) => {
          if (!options.quiet)
            io.stderr.write(`attack ${number} of ${of}: ${view.name}, ${access}, ${most}\n`);
        },
      }),
    );
    return await tell(audit, { folder, budget, options, opened: twice.opened }, io);
  } finally {
    await fitter.close();
    await interruption.settle(1000);
    await close(twice, prepared, interruption);
  }
}

/** The most queries of any attack: enough for `--fail-if`, unless the user says otherwise. */
function budgetOf({ budget, failIf }: AuditCommandOptions): number {
  if (budget !== undefined && failIf !== undefined && failIf.queries > budget) {
    throw new InputError(
      `--fail-if names ${failIf.queries} queries, expected at most the ${budget} of --budget`,
    );
  }
  return budget ?? Math.max(defaultBudget, failIf?.queries ?? 0);
}

/** Throws `InputError` when a rule names what this target cannot be attacked through. */
function checkRule(rule: FailRule | undefined, { target }: PreparedAudit): void {
  const views = viewsOf(target).map(({ id }) => id);
  if (rule === undefined || views.includes(rule.view)) return;
  throw new InputError(`--fail-if names ${rule.view}, expected one of ${views.join(', ')} for this target`);
}

async function close(twice: TwoPrecisions, prepared: PreparedAudit | undefined, interruption: Interruption) {
  if (prepared === undefined) {
    await twice.opened.close();
    await twice.single?.close();
  } else {
    for (const one of prepared.prepared) await one.finish();
  }
  interruption.stop();
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(join(folder, 'figures'), { recursive: true });
  } catch (error) {
    throw explainWriteFailure(folder, error);
  }
}

interface Told {
  readonly folder: string;
  readonly budget: number;
  readonly options: AuditCommandOptions;
  readonly opened: TwoPrecisions['opened'];
}

/** Writes the audit's files, prints it, and returns the exit code. */
async function tell(audit: Audit, told: Told, io: CommandIo): Promise<number> {
  const { folder, budget, options, opened } = told;
  const rule = options.failIf;
  const broken = rule && breakingOutcome(rule, audit);
  const ruled = broken ?? (rule && outcomeOf(rule, audit));
  const isBroken = broken !== undefined;
  const unknown =
    rule &&
    `--fail-if ${rule.verdict}@${rule.view},${rule.queries} is undecided: the time of the audit was over`;
  const sentence = rule && (ruled === undefined ? unknown : describeRule(rule, ruled, isBroken));
  const version = packageVersion();
  const object = toJson({
    schemaVersion: 1,
    target: opened.place,
    description: opened.description,
    ...{ activation: options.activation, depth: options.depth, head: options.head, seed: options.seed },
    ...{ time: options.time, budget, price: options.price ?? null, data: options.data ?? null, version },
    failIf: rule ? { ...rule, holds: isBroken, sentence } : null,
    words: describeAudit(audit),
    ...audit,
  });
  const { layOutAudit } = await import('../audit/page.js');
  const settings = {
    target: opened.place,
    ...{
      activation: options.activation,
      depth: String(options.depth),
      head: options.head,
      seed: String(options.seed),
    },
    time: `${options.time} s for all attacks, of which ${audit.seconds.toFixed(1)} were used`,
    ...(options.data !== undefined && { data: options.data }),
  };
  const { defend } = options;
  const hasPrice = options.price !== undefined;
  const context = {
    target: opened.description,
    name: opened.name,
    settings,
    rule: sentence,
    version,
    hasPrice,
    defend,
  };
  await writeFiles(folder, `${JSON.stringify(object, null, 2)}\n`, layOutAudit(audit, context));
  if (options.junit !== undefined) await write(options.junit, toJUnit(opened.name, audit, rule));
  if (options.sarif !== undefined) await write(options.sarif, toSarif(opened.place, version, audit, rule));
  if (options.json) io.out(JSON.stringify(object));
  else for (const line of auditLines(audit, hasPrice, defend)) io.out(line);
  if (!options.json) io.out(`report   ${join(folder, 'report.html')}`);
  if (sentence !== undefined) io.stderr.write(`${sentence}\n`);
  return isBroken ? failedRule : 0;
}

async function writeFiles(
  folder: string,
  json: string,
  { html, figures }: { html: string; figures: readonly { name: string; svg: string }[] },
): Promise<void> {
  const { standalone } = await import('../report/plot.js');
  try {
    const place = join(folder, 'figures');
    const names = figures.map(({ name }) => `${name}.svg`);
    for (const [i, { svg }] of figures.entries()) await writeWhole(join(place, names[i]), standalone(svg));
    // those of an earlier audit that this one does not have
    for (const name of await readdir(place))
      if (name.endsWith('.svg') && !names.includes(name)) await rm(join(place, name));
    await writeWhole(join(folder, 'report.html'), html);
    await writeWhole(join(folder, 'audit.json'), json);
  } catch (error) {
    throw explainWriteFailure(folder, error);
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
}

/** An audit as lines of text: a table, what was not attempted, and plain words. */
export function auditLines(audit: Audit, hasPrice: boolean, defend: boolean): string[] {
  const head = ['seen', 'allowed', 'verdict', 'neurons', 'weights', 'function', 'queries', 'seconds'];
  const honest = ['honest change', 'decisions'];
  const rows = audit.outcomes.map((one) => [
    ...[one.name, String(one.budget), one.verdict],
    one.neurons === null ? '-' : `${one.neurons.recovered}/${one.neurons.of}`,
    ...[short(one.weightError), short(one.functionError), String(one.queries)],
    one.isSameRun
      ? 'same run'
      : `${one.seconds.toFixed(1)}${one.endedBy === null ? '' : ` (${one.endedBy})`}`,
    ...(hasPrice ? [one.price === null ? '-' : one.price.toFixed(2)] : []),
    ...(defend ? honestCells(one) : []),
  ]);
  const columns = [...head, ...(hasPrice ? ['cost'] : []), ...(defend ? honest : [])];
  return [
    ...alignColumns([columns, ...rows]),
    '',
    ...audit.unattempted.map(({ name, reason }) => `${name}: ${reason}`),
    ...(audit.unattempted.length > 0 ? [''] : []),
    ...describeAudit(audit).flatMap((text) => [text, '']),
  ];
}

function honestCells({ honest }: Outcome): string[] {
  if (honest === null) return ['-', '-'];
  const { change, decisionsChanged } = honest;
  return [short(change), decisionsChanged === null ? '-' : `${(100 * decisionsChanged).toFixed(2)} %`];
}
