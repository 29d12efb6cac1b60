import * as v from 'valibot';
import { compareNetworks } from '../compare/compare-truth.js';
import { encodeNetworkJson } from '../files/export/json.js';
import { encodeNetworkNpz } from '../files/export/npz.js';
import { encodeOnnx } from '../files/export/onnx.js';
import { encodeSafetensors } from '../files/export/safetensors.js';
import { formatJson } from '../files/format-json.js';
import { readOnnxNetwork } from '../files/network/network-from-onnx.js';
import { readWeights } from '../files/weights/open.js';
import type { Network } from '../network/network.js';
import { drawDendrogram } from '../report/figures-clusters.js';
import { drawNetwork as drawNetworkFigure } from '../report/figures-network.js';
import { drawTruth } from '../report/figures-truth.js';
import { layOutReport } from '../report/page.js';
import { type Figure, standalone } from '../report/plot.js';
import { viewLayers } from '../report/view-layers.js';
import { describeRecovery } from '../run/describe-recovery.js';
import { recoverySchema } from '../run/recovery-schema.js';
import type { FromResults, MadeFigure, MadeFile, Source, ToResults } from './protocol.js';

/** The files of a run and its figures, as the command line writes them into a run folder. */
export function finishRun(
  { name, description, recovery, seconds, threads }: Extract<ToResults, { kind: 'finish' }>,
  version: string,
): Extract<FromResults, { kind: 'files' }> {
  const { network } = recovery;
  const versions = { 'expand-and-cluster': version, browser: globalThis.navigator?.userAgent ?? 'unknown' };
  const place = (file: string) => (network === null ? null : file);
  const stored = describeRecovery(
    recovery,
    { target: description, seconds, threads, versions },
    {
      folder: '.',
      recovery: 'recovery.json',
      network: place('network.onnx'),
      safetensors: place('network.safetensors'),
      npz: place('network.npz'),
      json: place('network.json'),
      report: 'report.html',
    },
  );
  // read again as the report of a run folder reads it: NaN for null, typed arrays for lists
  const read = v.parse(recoverySchema, JSON.parse(formatJson(stored)));
  const layers = viewLayers(read, () => undefined);
  const report = layOutReport({ name, recovery: read, record: undefined, layers, truth: undefined });
  const files: MadeFile[] = [
    { name: 'report.html', type: 'text/html', content: report.html },
    { name: 'recovery.json', type: 'application/json', content: `${formatJson(stored)}\n` },
  ];
  const figures: Figure[] = layers.flatMap(({ view }) => (view === undefined ? [] : [drawDendrogram(view)]));
  if (network !== null) {
    files.push(
      { name: 'network.onnx', type: 'application/octet-stream', content: encodeOnnx(network) },
      { name: 'network.safetensors', type: 'application/octet-stream', content: encodeSafetensors(network) },
      { name: 'network.npz', type: 'application/zip', content: encodeNetworkNpz(network) },
      { name: 'network.json', type: 'application/json', content: encodeNetworkJson(network) },
    );
    figures.push(drawNetworkFigure(network));
  }
  return { kind: 'files', files, figures: figures.map(asFile) };
}

const asFile = ({ name, title, description, svg }: Figure): MadeFigure => ({
  ...{ name, title, description },
  svg: standalone(svg),
});

/** The network that was found beside the truth. Throws `InputError` where the weights of the source cannot be read. */
export function compareWithTruth(source: Source, found: Network): Extract<FromResults, { kind: 'compared' }> {
  const truth = readTruth(source, found.activation);
  const comparison = compareNetworks(found, truth);
  const figure = drawTruth({ path: source.name, network: truth, comparison }, found);
  const picture = drawNetworkFigure(truth);
  const beside = comparison.neurons.flatMap((all, layer) =>
    all.map(({ truth: own, recovered, error }) => ({
      layer: layer + 1,
      truth: own,
      found: recovered,
      error,
    })),
  );
  return {
    kind: 'compared',
    truth,
    beside,
    weightError: comparison.maxWeightError,
    functionError: comparison.functionError,
    figures: [...(figure === undefined ? [] : [figure]), { ...picture, title: 'The truth' }].map(asFile),
  };
}

function readTruth(source: Source, activation: Network['activation']): Network {
  if (source.kind === 'network') return source.network;
  const { bytes, name } = source;
  if (/\.onnx$/i.test(name)) return readOnnxNetwork(bytes, name);
  return readWeights(bytes, name, { activation }).network;
}
