import { compareNetworks, type NetworkComparison } from '../certify/compare-truth.js';
import type { Network } from '../records.js';
import { readNetwork } from '../run/read-network.js';
import { alignColumns } from './columns.js';

/** What `eac compare` was asked for beyond the two networks. */
export interface CompareOptions {
  /** One JSON object instead of the table. */
  readonly json: boolean;
  /** Writes the report of the recovered network's run folder with the truth beside it. */
  readonly report?: boolean;
}

/**
 * `eac compare RECOVERED TRUTH`: prints how far a recovered network is from the true one. Either is an .onnx
 * or .safetensors file or a run folder. Returns the exit code, 0. Throws `InputError` when a network cannot be
 * read or the two differ in their numbers of inputs or outputs, or when a report is wanted of what is no run
 * folder.
 */
export async function runCompare(
  recovered: string,
  truth: string,
  options: CompareOptions,
  io: { out(line: string): void },
): Promise<number> {
  const [found, expected] = [await readNetwork(recovered), await readNetwork(truth)];
  const comparison = compareNetworks(found, expected);
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

const widthsOf = ({ layers }: Network) => [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];

const describe = (path: string, network: Network) => ({
  path,
  activation: network.activation,
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
    `${path} (${widthsOf(network).join('-')}, ${network.activation})`;
  const lines = [`recovered  ${title(recoveredPath, recovered)}`, `truth      ${title(truthPath, truth)}`];
  if (comparison.converted !== null) {
    lines.push(`The recovered network was rewritten from ${comparison.converted} to ${truth.activation}.`);
  } else if (recovered.activation !== truth.activation) {
    lines.push('The activations differ: no neurons can be matched.');
  } else if (recovered.layers.length !== truth.layers.length) {
    lines.push('The numbers of layers differ: no neurons can be matched.');
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
      ['function error', formatError(comparison.functionError)],
    ]),
  );
  return lines;
}

const formatError = (error: number | null) =>
  error === null ? '-' : error === 0 ? '0' : error.toExponential(1);
