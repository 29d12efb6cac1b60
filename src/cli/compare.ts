import { stat } from 'node:fs/promises';
import * as v from 'valibot';
import { alignColumns } from '../base/align-columns.js';
import { InputError } from '../base/errors.js';
import { type ComparedRegion, compareNetworks, type NetworkComparison } from '../compare/compare-truth.js';
import { readNetwork } from '../files/network/read-network.js';
import type { ActivationName } from '../network/activations.js';
import { type Grid, type GridRule, resolveGrid } from '../network/grid.js';
import { activationText } from '../network/layer-names.js';
import type { Network } from '../records.js';
import { readRecovery } from '../run/read-recovery.js';
import type { StoredRecovery } from '../run/recovery-schema.js';

/** What `eac compare` was asked for beyond the two networks. */
export interface CompareOptions {
  /** One JSON object instead of the table. */
  readonly json: boolean;
  /** The activation of files of weights that do not name theirs. */
  readonly activation?: ActivationName;
  /** The grid on which the two are compared; a run folder knows its own. */
  readonly grid?: readonly GridRule[] | null;
  /** Writes the report of the recovered network's run folder with the truth beside it. */
  readonly report?: boolean;
}

/**
 * `eac compare RECOVERED TRUTH`: prints how far a recovered network is from the true one. Either is an .onnx,
 * .safetensors or .npz file or a run folder. Returns the exit code, 0. Throws `InputError` when a network cannot be
 * read or the two differ in their numbers of inputs or outputs, or when a report is wanted of what is no run
 * folder.
 */
export async function runCompare(
  recovered: string,
  truth: string,
  options: CompareOptions,
  io: { out(line: string): void },
): Promise<number> {
  const { found, expected, comparison } = await compareFiles(
    recovered,
    truth,
    options.activation,
    options.grid,
  );
  if (options.report) {
    const { writeReport } = await import('../report/write-report.js');
    const page = await writeReport(recovered, { path: truth, network: expected, comparison });
    if (!options.json) io.out(`report     ${page}`);
  }
  if (options.json) {
    const [a, b] = [describe(recovered, found), describe(truth, expected)];
    io.out(JSON.stringify({ recovered: a, truth: b, ...comparison }));
  } else {
    for (const line of formatComparison(recovered, found, truth, expected, comparison)) io.out(line);
  }
  return 0;
}

/**
 * Reads both networks and compares them, in the region that the verdict of a run folder holds for, and on its grid or
 * `rules`. Weights that do not name their activation have `activation`. Throws as `runCompare` does.
 */
export async function compareFiles(
  recovered: string,
  truth: string,
  activation: ActivationName | undefined,
  rules?: readonly GridRule[] | null,
): Promise<{ found: Network; expected: Network; comparison: NetworkComparison }> {
  const found = await readNetwork(recovered, isWeights(recovered) ? activation : undefined);
  const expected = await readNetwork(truth, isWeights(truth) ? activation : undefined);
  const stated = await statedRegion(recovered);
  const own = rules ?? stated?.rules;
  const grid: Grid | undefined = own && resolveGrid(own, expected.layers[0].inputs);
  return { found, expected, comparison: compareNetworks(found, expected, stated?.region, grid) };
}

/**
 * The region that a run folder's verdict holds for, and its grid; undefined for a network file, and in parts for a run of
 * before, or given pairs.
 */
async function statedRegion(
  path: string,
): Promise<
  { readonly region: ComparedRegion | undefined; readonly rules: GridRule[] | undefined } | undefined
> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) return undefined;
  const recovery = await readRecovery(path).catch((error: unknown) => {
    // the network of a folder can be compared without what else a run leaves there
    if (error instanceof InputError) return undefined;
    throw error;
  });
  if (recovery === undefined) return undefined;
  const { evidence, options } = recovery;
  const rules = v.safeParse(gridRules, options.grid);
  const region = evidence.certificate?.region;
  return {
    region: region && regionOf(region, options.bounds),
    rules: rules.success ? rules.output : undefined,
  };
}

function regionOf(
  { kind, shells, around }: NonNullable<NonNullable<StoredRecovery['evidence']['certificate']>['region']>,
  bounds: unknown,
): ComparedRegion | undefined {
  if (kind === 'pairs') return undefined;
  const box = v.safeParse(v.looseObject({ lower: v.array(v.number()), upper: v.array(v.number()) }), bounds);
  if (kind === 'distances' || (kind === 'grid' && !box.success)) {
    const sizes = new Set(shells.map(({ size }) => size));
    const frame = around && {
      shifts: Float64Array.from(around.shifts),
      scales: Float64Array.from(around.scales),
    };
    return { sizes: [...sizes].sort((a, b) => a - b), ...(frame && { around: frame }) };
  }
  if (!box.success) return undefined;
  const { lower, upper } = box.output;
  return { lower: Float64Array.from(lower), upper: Float64Array.from(upper) };
}

const inputs = v.array(v.number());
const gridRules = v.array(
  v.union([
    v.object({ inputs, values: v.array(v.number()) }),
    v.object({ inputs, from: v.number(), to: v.number(), step: v.number() }),
    v.object({ inputs, oneHot: v.literal(true) }),
  ]),
);

/** Whether a file holds weights that need not name their activation. */
export const isWeights = (path: string) => /\.(safetensors|npz)$/i.test(path);

const widthsOf = ({ layers }: Network) => [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];

const describe = (path: string, network: Network) => ({
  path,
  activation: activationText(network),
  head: network.head?.name ?? 'linear',
  widths: widthsOf(network),
});

function formatComparison(
  recoveredPath: string,
  recovered: Network,
  truthPath: string,
  truth: Network,
  comparison: NetworkComparison,
): string[] {
  const title = (path: string, network: Network) =>
    `${path} (${widthsOf(network).join('-')}, ${activationText(network)}${network.head ? `, ${network.head.name}` : ''})`;
  const lines = [`recovered  ${title(recoveredPath, recovered)}`, `truth      ${title(truthPath, truth)}`];
  if (comparison.converted !== null) {
    lines.push(
      `The recovered network was rewritten from ${comparison.converted} to ${activationText(truth)}.`,
    );
  } else if (comparison.maxWeightError === null && activationText(recovered) !== activationText(truth)) {
    lines.push('The activations differ: no neurons can be matched.');
  } else if (recovered.layers.length !== truth.layers.length) {
    lines.push('The numbers of layers differ: no neurons can be matched.');
  } else if (recovered.head?.name !== truth.head?.name) {
    lines.push('The heads differ: no neurons can be matched.');
  }
  const rows = comparison.neurons.map((neurons, index) => {
    const errors = neurons.flatMap(({ error }) => error ?? []);
    const [missing, excess] = [comparison.missing[index], comparison.excess[index]];
    const largest = errors.length > 0 ? formatError(Math.max(...errors)) : '-';
    return [index + 1, errors.length, missing, excess, largest].map(String);
  });
  lines.push(
    '',
    ...alignColumns([['hidden layer', 'matched', 'missing', 'excess', 'largest error'], ...rows]),
    '',
  );
  lines.push(
    ...alignColumns([
      ['largest weight error', formatError(comparison.maxWeightError)],
      ['rms weight error', formatError(comparison.rmsWeightError)],
      ['largest absolute difference', formatError(comparison.maxAbsError)],
      [describeFunctionError(comparison), formatError(comparison.functionError)],
    ]),
  );
  return lines;
}

/** The function error with the region that it covers. */
function describeFunctionError({ regionErrors = [] }: NetworkComparison): string {
  if (regionErrors.length === 0) return 'function error';
  const sizes = regionErrors.map(({ size }) => size);
  const shown = (size: number) => (size >= 1e4 ? size.toExponential(0) : String(size));
  return sizes.length === 1
    ? 'function error within bounds'
    : `function error, sizes ${shown(sizes[0])} to ${shown(sizes[sizes.length - 1])}`;
}

const formatError = (error: number | null) =>
  error === null ? '-' : error === 0 ? '0' : error.toExponential(1);
