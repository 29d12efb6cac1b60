import type { Certificate } from '../certify/certificate.js';
import {
  coordinatesOf,
  coordinatesOfPart,
  errorsOnGrid,
  freedomsOf,
  type Grid,
  weightsOnGrid,
} from '../network/grid.js';
import { joined } from '../numeric/join.js';
import type { Network } from '../records.js';
import type { Recovery } from '../recovery.js';
import { doubtOnGrid } from './grid-doubts.js';

/**
 * The recovery in the coordinates of a grid as one for the target's own inputs, whose weights are stated modulo what no
 * point of the grid shows; *identified* stays where the grid determines the rest (method.md §8).
 */
export function restoreGrid(recovery: Recovery, grid: Grid): Recovery {
  const { network, evidence, verdict, reason } = recovery;
  const { certificate } = evidence;
  const restored = {
    ...recovery,
    evidence: {
      ...evidence,
      ...(certificate && { certificate: certificateFor(certificate, network, grid) }),
    },
  };
  if (network === null) return restored;
  const freedoms = freedomsOf(grid);
  const isIdentified = verdict === 'identified';
  const doubt = isIdentified ? doubtOnGrid(network, grid) : undefined;
  const modulo =
    isIdentified && freedoms.length > 0
      ? `, but for what no point of the grid shows: ${freedoms.join('; ')}`
      : '';
  return {
    ...restored,
    network: networkFor(network, grid),
    ...(doubt === undefined ? { reason: `${reason}${modulo}` } : { verdict: 'imitated', reason: doubt }),
  };
}

function networkFor(network: Network, grid: Grid): Network {
  const [first, ...others] = network.layers;
  const weights = weightsOnGrid(grid, first.weights);
  return {
    ...network,
    layers: [{ ...first, inputs: grid.inputDimension, weights }, ...others],
    ...(network.paths && {
      paths: network.paths.map((path) =>
        path.from === 0 ? { ...path, weights: weightsOnGrid(grid, path.weights) } : path,
      ),
    }),
  };
}

function certificateFor(certificate: Certificate, network: Network | null, grid: Grid): Certificate {
  const { identifiability, unseen } = certificate;
  const { standardErrors } = identifiability;
  return {
    ...certificate,
    identifiability: {
      ...identifiability,
      standardErrors: network === null ? standardErrors : errorsFor(standardErrors, network, grid),
    },
    unseen: unseen.map((layer, index) =>
      index > 0
        ? layer
        : {
            ...layer,
            inputsWithoutInfluence: inputsOf(layer.inputsWithoutInfluence, grid),
            equivalents: [...layer.equivalents, ...freedomsOf(grid)],
          },
    ),
  };
}

/** Inputs all of whose coordinates are among those named. */
function inputsOf(coordinates: readonly number[], { parts }: Grid): number[] {
  let at = 0;
  return parts.flatMap((part) => {
    const size = coordinatesOfPart(part);
    const own = Array.from({ length: size }, (_, j) => at + j);
    at += size;
    if (size === 0 || !own.every((coordinate) => coordinates.includes(coordinate))) return [];
    return part.kind === 'one-hot' ? [...part.inputs] : [part.input];
  });
}

/**
 * Standard errors (row by row, the bias last) of a network in the coordinates of a grid as those over all inputs: in
 * rows of the first layer, and at the end of those that have a path from the inputs.
 */
function errorsFor(errors: Float64Array, { layers, paths = [] }: Network, grid: Grid): Float64Array {
  const r = coordinatesOf(grid);
  const rows: Float64Array[] = [];
  let at = 0;
  for (const [index, { outputs }] of layers.entries()) {
    const others = paths.filter(({ to }) => to === index + 1);
    const beside = others.reduce((sum, { weights }) => sum + weights.length / outputs, 0);
    const columns = layers[index].inputs + beside + 1;
    const seesInputs = index === 0 || others.some(({ from }) => from === 0);
    for (let j = 0; j < outputs; j++, at += columns) {
      const row = errors.subarray(at, at + columns);
      const start = columns - 1 - r;
      if (seesInputs) {
        rows.push(row.subarray(0, start), errorsOnGrid(grid, row.subarray(start, start + r)));
        rows.push(row.subarray(columns - 1));
      } else rows.push(row);
    }
  }
  if (at !== errors.length) return errors;
  return joined(rows);
}
