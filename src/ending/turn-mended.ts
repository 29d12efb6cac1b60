import { activations } from '../network/activations.js';
import { type DeepNetwork, deepShapeOf } from '../network/deep.js';
import type { Fitter } from '../optimise/fit.js';
import { polish } from '../polish/polish.js';
import type { PolishedDeep } from '../polish/polish-deep.js';
import { resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import type { Dataset } from '../records.js';

/**
 * A mended network of even + linear neurons without the path beside them, where their signs explain it: no choice of them
 * did as long as a neuron was missing, which was affine wherever the others were seen (method.md §6). Undefined where there
 * is no path, none explains it, or the network without it leaves more than `limit` on the samples.
 */
export async function turnMended(
  { shape, parameters }: DeepNetwork,
  dataset: Dataset,
  relativeError: number,
  limit: (network: PolishedDeep) => number,
  fitter: Fitter,
): Promise<PolishedDeep | undefined> {
  const { activation, slope, widths, inputs, outputs, skip } = shape;
  const isEven = activations[activation].symmetry === 'even-linear';
  if (!skip || widths.length !== 1 || slope !== 0 || !isEven) return undefined;
  const own = { inputs, outputs, hidden: widths[0], activation, slope, skip };
  const oriented = resolveMirrors({ shape: own, parameters }, activation, false, relativeError);
  if (oriented.signs?.kind !== 'resolved') return undefined;
  const polished = await polish(activation, slope, oriented.incoming, dataset, fitter);
  const turned = { ...polished, shape: deepShapeOf(polished.shape) };
  return turned.loss <= limit(turned) ? turned : undefined;
}
