import { access, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Command } from 'commander';
import { explainDropped } from '../audit/dropped.js';
import { relativeDifference } from '../audit/measure.js';
import { alignColumns } from '../base/align-columns.js';
import { InputError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { describeRegion } from '../certify/describe-region.js';
import { encodeOnnx } from '../files/export/onnx.js';
import { toJson } from '../files/format-json.js';
import { readNetwork } from '../files/network/read-network.js';
import { explainWriteFailure } from '../files/write-file.js';
import { openTarget } from '../oracle/open-target.js';
import type { OpenedTarget } from '../oracle/opened-target.js';
import { folderName } from '../oracle/opened-target.js';
import type { Network } from '../records.js';
import { isWeights } from './compare.js';
import type { CommandIo } from './io.js';
import { commanderOptions, type OptionEntry } from './option-table.js';
import { recoverOptionTable } from './options.js';
import { exitCodes, type RecoverCommandOptions, recoverToFolder } from './recover.js';

/** The options of `eac minimal`, parsed (`minimalOptionTable`). */
export interface MinimalOptions extends Omit<RecoverCommandOptions, 'out' | 'data' | 'precision'> {
  readonly out?: string;
  readonly run?: string;
  readonly json: boolean;
}

const shared =
  /^--(activation|depth|head|seed|budget|time|bounds|threads|quiet|json|input|output|hold|input-dimension)( |$)/;

/** The options of `eac minimal`: its own, and those of `eac recover` that make sense with a file. */
export const minimalOptionTable: readonly OptionEntry[] = [
  {
    flags: '--out <file>',
    meaning: 'the ONNX file that is written; it must be a new name',
    shownDefault: '<model>-minimal.onnx',
  },
  {
    flags: '--run <dir>',
    meaning: 'folder for the evidence: the run folder with its report',
    shownDefault: 'eac-runs/<model>-minimal-seed<seed>',
  },
  ...recoverOptionTable.filter(({ flags }) => shared.test(flags)),
];

/** Adds `eac minimal MODEL` to the command line. */
export function addMinimalCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const command = program
    .command('minimal')
    .description(
      'write the smallest network that equals a model of yours, found by asking it; exit code 0 certified, 3 the same answers, 4 none found',
    )
    .argument(
      '<model>',
      'an .onnx, .safetensors, .npz or .nnet file, or another model file that eac recover takes',
    )
    .action(async (model: string, options: MinimalOptions) => {
      finish(await runMinimal(model, options, io));
    });
  for (const option of commanderOptions(minimalOptionTable)) command.addOption(option);
}

/**
 * `eac minimal MODEL`: recovers a model file from its answers in float64, writes what was found as an ONNX file in the
 * number type of the model, and measures the difference between the two files. Returns the exit code of the verdict.
 * Throws `InputError` when the model cannot be read, is no file, or the new file is there already.
 */
export async function runMinimal(model: string, options: MinimalOptions, io: CommandIo): Promise<number> {
  const stem = basename(model, extname(model));
  const file = options.out ?? `${stem}-minimal.onnx`;
  if (!/\.onnx$/i.test(file))
    throw new InputError(`${file} is no name for the new network, expected FILE.onnx`);
  if (await exists(file)) throw new InputError(`${file} exists, expected a new name with --out`);
  const { out: _, run, json, ...settings } = options;
  const { activation, input, output, hold, inputDimension } = settings;
  const own = await openTarget(model, { activation, input, output, hold, inputDimension });
  try {
    if (own.precision === undefined || own.file === undefined) {
      throw new InputError(
        `${model} is no model file, expected one whose arithmetic is known: eac recover asks others`,
      );
    }
    const folder = run ?? join('eac-runs', folderName(`${stem}-minimal-seed${settings.seed}`));
    const result = await recoverToFolder(model, { ...settings, precision: 'float64', out: folder }, io);
    const { recovery } = result;
    const { network, verdict } = recovery;
    const certificate = recovery.evidence.certificate;
    if (network === null || certificate === undefined) {
      tell(
        json,
        { verdict, reason: recovery.reason, file: null, run: folder },
        [`none found: ${recovery.reason}`],
        io,
      );
      return exitCodes.failed;
    }
    try {
      await writeFile(file, encodeOnnx(network, { precision: own.precision }), { flag: 'wx' });
    } catch (error) {
      throw explainWriteFailure(file, error);
    }
    const differences = await measureDifferences(
      own,
      file,
      recovery.evidence.options.bounds,
      certificate.region,
    );
    const read = await readOwn(model, options);
    const widths = (of: Network) => [of.layers[0].inputs, ...of.layers.map(({ outputs }) => outputs)];
    const dropped = read === undefined ? [] : explainDropped(read, network);
    const facts = {
      ...{ verdict, reason: recovery.reason, minimal: certificate.minimal, file, precision: own.precision },
      ...{ before: read === undefined ? null : widths(read), after: widths(network), dropped },
      ...{ region: describeRegion(certificate.region), differences, run: folder },
    };
    tell(json, facts, minimalLines(facts), io);
    return exitCodes[verdict];
  } finally {
    await own.close();
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

function tell(json: boolean, facts: object, lines: readonly string[], io: CommandIo): void {
  if (json) io.out(JSON.stringify(toJson(facts)));
  else for (const line of lines) io.out(line);
}

/** The weights of the model, for counting and explaining neurons; undefined where they cannot be read as a network. */
async function readOwn(model: string, { activation }: MinimalOptions): Promise<Network | undefined> {
  try {
    return await readNetwork(model, activation === 'auto' || !isWeights(model) ? undefined : activation);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** How far the new file's answers are from the model's on fresh inputs of one size, or inside of a box. */
interface Difference {
  /** Deviation of the inputs; null inside of the bounds. */
  readonly size: number | null;
  /** Rms difference over the rms deviation of the model's answers. */
  readonly relative: number;
  readonly largest: number;
}

const measuredInputs = 2000;

/** Measures both files as they are evaluated, each in its own number type, on inputs that the recovery never saw. */
async function measureDifferences(
  own: OpenedTarget,
  file: string,
  bounds: { readonly lower: Float64Array; readonly upper: Float64Array } | null,
  region: { readonly shells: readonly { readonly kind: string; readonly size: number }[] },
): Promise<Difference[]> {
  const made = await openTarget(file);
  const d = own.inputDimension;
  const clouds = [1, ...region.shells.filter(({ kind }) => kind === 'cloud').map(({ size }) => size)];
  const sizes = bounds === null ? [...new Set(clouds)].sort((a, b) => a - b) : [null];
  const differences: Difference[] = [];
  for (const size of sizes) {
    const random = randomStream('minimal', 'fresh inputs', size ?? 'bounds');
    const inputs = Float64Array.from({ length: measuredInputs * d }, (_, i) =>
      size === null
        ? bounds!.lower[i % d] + random.uniform() * (bounds!.upper[i % d] - bounds!.lower[i % d])
        : size * random.normal(),
    ).map((x) => (own.precision === 'float32' ? Math.fround(x) : x));
    const [expected, found] = [await own.ask(inputs, measuredInputs), await made.ask(inputs, measuredInputs)];
    const largest = expected.reduce((most, y, i) => Math.max(most, Math.abs(found[i] - y)), 0);
    differences.push({ size, relative: relativeDifference(found, expected, measuredInputs), largest });
  }
  await made.close();
  return differences;
}

function minimalLines(facts: {
  readonly verdict: string;
  readonly reason: string;
  readonly minimal: boolean;
  readonly file: string;
  readonly precision: string;
  readonly before: readonly number[] | null;
  readonly after: readonly number[];
  readonly dropped: ReturnType<typeof explainDropped>;
  readonly region: string;
  readonly differences: readonly Difference[];
  readonly run: string;
}): string[] {
  const { verdict, reason, minimal, before, after, dropped, differences } = facts;
  const error = (value: number) => (value === 0 ? '0' : value.toExponential(1));
  const counts =
    before === null
      ? `${after.join('-')} (the weights of the model cannot be read)`
      : `${before.join('-')} → ${after.join('-')}`;
  const rows = differences.map(({ size, relative, largest }) => [
    `difference${size === null ? ' within bounds' : `, inputs of size ${size >= 1e4 ? size.toExponential(0) : size}`}`,
    `${error(relative)} of the answers' deviation, at most ${error(largest)}`,
  ]);
  return [
    `${verdict}: ${reason}`,
    '',
    ...alignColumns([
      ['widths', counts],
      ['smallest', minimal ? 'yes: no neuron that is left can be left out' : 'not certified'],
      ...dropped.map(({ layer, neuron, why }) => [`layer ${layer}, neuron ${neuron}`, `gone: ${why}`]),
      ['holds for', facts.region],
      ...rows,
      ['file', `${facts.file} (${facts.precision})`],
      ['evidence', join(facts.run, 'report.html')],
    ]),
  ];
}
