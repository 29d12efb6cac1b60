import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { alignColumns } from '../base/align-columns.js';
import { InputError } from '../base/errors.js';
import type { Verdict } from '../certify/certificate.js';
import { defaultThreads, mostThreads } from '../execute/threads.js';
import { type ActivationName, activationNamed } from '../network/activations.js';
import { isForeign } from '../oracle/foreign-files.js';
import { isWeights } from './compare.js';
import type { CommandIo } from './io.js';
import { commanderOptions, integer, type OptionEntry } from './option-table.js';
import { seconds } from './target-options.js';
import { type Judged, judgeResult } from './wild-judge.js';

/** The options of `eac wild`, parsed. */
export interface WildOptions {
  readonly time: number;
  readonly activation?: ActivationName;
  readonly out?: string;
  readonly threads: number;
  readonly json: boolean;
}

/** What became of one file. */
export interface WildRecord {
  readonly file: string;
  readonly readable: boolean;
  /** Null for what was not read, and for a run that had to be ended from outside. */
  readonly verdict: Verdict | null;
  /** Hidden widths and activation that were found. */
  readonly found: string | null;
  readonly right: Judged;
  readonly seconds: number;
  readonly queries: number | null;
  /** The verdict's reason, or why there is none. */
  readonly reason: string;
}

/** The options of `eac wild`. */
export const wildOptionTable: readonly OptionEntry[] = [
  {
    flags: '--time <seconds>',
    meaning: 'longest time for each file',
    parse: seconds('--time', 1e9),
    default: 300,
    shownDefault: '300',
  },
  {
    flags: '--activation <name>',
    meaning:
      'activation of weights in .safetensors and .npz files that do not name it; other files are not told',
    parse: (name) => activationNamed(name).name,
    shownDefault: 'none',
  },
  {
    flags: '--out <dir>',
    meaning: 'folder for the folders of the runs, which are removed otherwise',
    shownDefault: 'none',
  },
  {
    flags: '--threads <n>',
    meaning: 'worker threads of each recovery',
    parse: integer('--threads', 1, mostThreads),
    default: defaultThreads(),
    shownDefault: 'one a core',
  },
  {
    flags: '--json',
    meaning: 'print one JSON object instead of the table',
    default: false,
    shownDefault: 'off',
  },
];

/** Seconds beyond its time after which a recovery that has not ended is ended from outside. */
const grace = 30;

/** Adds `eac wild DIR` to the command line. */
export function addWildCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const wild = program
    .command('wild')
    .description('recover every model file of a folder and compare with the weights in it; exit code 0')
    .argument('<dir>', 'a folder of .onnx, .safetensors, .npz and other model files')
    .action(async (folder: string, options: WildOptions) => {
      finish(await runWild(folder, options, io));
    });
  for (const option of commanderOptions(wildOptionTable)) wild.addOption(option);
}

/**
 * `eac wild DIR`: recovers every model file of a folder, one after the other, each in a process of its own that
 * can only ask it; then compares what was found with the weights in the file, where they can be read, or else
 * with its answers. Prints a table, or with `json` one object. Returns 0. Throws `InputError` when the folder
 * cannot be read or holds no model files.
 */
export async function runWild(folder: string, options: WildOptions, io: CommandIo): Promise<number> {
  const files = await modelFiles(folder);
  const runs = options.out ?? (await mkdtemp(join(tmpdir(), 'eac-wild-')));
  const records: WildRecord[] = [];
  try {
    for (const file of files) {
      const record = await recoverFile(join(folder, file), join(runs, file), options);
      records.push(record);
      io.stderr.write(`${file}: ${describe(record)}\n`);
    }
  } finally {
    if (options.out === undefined) await rm(runs, { recursive: true, force: true });
  }
  const { time, threads, activation = null } = options;
  if (options.json) {
    io.out(JSON.stringify({ folder, time, threads, activation, summary: countRecords(records), records }));
  } else {
    for (const line of wildLines(records)) io.out(line);
  }
  return 0;
}

/** Names of the model files in a folder: programs in it are not run. */
async function modelFiles(folder: string): Promise<string[]> {
  let names: string[];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${folder} cannot be read (${code}), expected a folder of model files`, {
      cause: error,
    });
  }
  const isModel = (name: string) =>
    /\.(onnx|safetensors|npz|nnet)$/i.test(name) || (isForeign(name) && name !== 'index.json');
  const files = names.filter(isModel).sort();
  if (files.length === 0) throw new InputError(`${folder} holds no model files, such as .onnx or .npz`);
  return files;
}

/** The words with which a file is recovered: nothing but where it is and how it is asked. */
export function recoverWords(file: string, run: string, options: WildOptions): string[] {
  const { time, threads, activation } = options;
  const words = ['recover', file, '--out', run, '--json', '--quiet', '--time', String(time)];
  words.push('--threads', String(threads));
  return activation !== undefined && isWeights(file) ? [...words, '--activation', activation] : words;
}

async function recoverFile(file: string, run: string, options: WildOptions): Promise<WildRecord> {
  const started = performance.now();
  const ended = await runSelf(recoverWords(file, run, options), options.time + grace);
  const elapsed = Math.round(performance.now() - started) / 1000;
  const name = basename(file);
  if (ended.code === 2) {
    const reason = ended.stderr.trim().replace(/^eac: /, '');
    return { ...unfinished(name, reason, elapsed), readable: false };
  }
  const found = parseResult(ended.stdout);
  if (found === undefined) {
    const reason = ended.isLate
      ? `had not ended ${grace} s after its time`
      : `ended with exit code ${ended.code}: ${ended.stderr.trim().split('\n')[0].slice(0, 200)}`;
    return unfinished(name, reason, elapsed);
  }
  const { verdict, reason, widths, activation, queries } = found;
  const right = found.hasNetwork ? await judgeResult(run, file, options.activation) : noJudgement;
  const network = found.hasNetwork ? `${widths.join('-')} ${activation}` : null;
  return { file: name, readable: true, verdict, found: network, right, seconds: elapsed, queries, reason };
}

const noJudgement: Judged = { right: null, how: '-' };

const unfinished = (file: string, reason: string, elapsed: number): WildRecord => ({
  file,
  readable: true,
  verdict: null,
  found: null,
  right: noJudgement,
  seconds: elapsed,
  queries: null,
  reason,
});

interface Result {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly widths: readonly number[];
  readonly activation: string | null;
  readonly queries: number;
  readonly hasNetwork: boolean;
}

/** What `eac recover --json` printed. */
function parseResult(text: string): Result | undefined {
  try {
    const { files, ...result } = JSON.parse(text) as Result & { readonly files: { network: string | null } };
    return { ...result, hasNetwork: files.network !== null };
  } catch {
    return undefined;
  }
}

/** Runs this command line in a process of its own, and ends it after so many seconds. */
function runSelf(words: readonly string[], limit: number) {
  const program = fileURLToPath(new URL('../../../bin/eac.js', import.meta.url));
  return new Promise<{ code: number | null; stdout: string; stderr: string; isLate: boolean }>(
    (resolve, reject) => {
      const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
      const end = () => child.kill('SIGKILL');
      let [stdout, stderr, isLate] = ['', '', false];
      const timer = setTimeout(
        () => {
          isLate = true;
          end();
        },
        Math.min(limit * 1000, 2 ** 31 - 1),
      );
      process.once('exit', end);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        process.off('exit', end);
        resolve({ code, stdout, stderr, isLate });
      });
    },
  );
}

const rightWord = ({ right, how }: Judged) => (right === null ? how : `${right ? 'yes' : 'no'} (${how})`);

function describe({ readable, verdict, right, seconds: time, reason }: WildRecord): string {
  if (!readable) return 'not read';
  return verdict === null ? reason : `${verdict}, right: ${rightWord(right)}, ${time.toFixed(1)} s`;
}

/** How many files came out how. */
function countRecords(records: readonly WildRecord[]) {
  const count = (rule: (record: WildRecord) => boolean) => records.filter(rule).length;
  return {
    files: records.length,
    readable: count(({ readable }) => readable),
    identified: count(({ verdict }) => verdict === 'identified'),
    identifiedRight: count(({ verdict, right }) => verdict === 'identified' && right.right === true),
    identifiedWrong: count(({ verdict, right }) => verdict === 'identified' && right.right === false),
    identifiedOtherwise: count(({ verdict, right }) => verdict === 'identified' && right.right === null),
    imitated: count(({ verdict }) => verdict === 'imitated'),
    failed: count(({ verdict }) => verdict === 'failed'),
  };
}

function wildLines(records: readonly WildRecord[]): string[] {
  const rows = records.map((record) => [
    record.file,
    record.readable ? 'yes' : 'no',
    record.verdict ?? '-',
    record.found ?? '-',
    rightWord(record.right),
    record.seconds.toFixed(1),
    record.queries === null ? '-' : String(record.queries),
  ]);
  const unread = records.filter(({ readable }) => !readable).map(({ reason }) => reason);
  const { files, readable, identified, identifiedRight, identifiedWrong, identifiedOtherwise } =
    countRecords(records);
  return [
    ...alignColumns([['file', 'readable', 'verdict', 'found', 'right', 'seconds', 'queries'], ...rows]),
    ...(unread.length > 0 ? ['', ...unread] : []),
    '',
    `${readable} of ${files} readable; ${identified} identified, of which ${identifiedRight} right, ${identifiedOtherwise} the same function with other neurons, and ${identifiedWrong} wrong`,
  ];
}
