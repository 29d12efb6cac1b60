import type { Head } from '../network/head.js';
import { readHeadInLayer } from '../network/head-in-layer.js';
import { headsNamed } from '../query/recognise-head.js';
import type { Dataset, Network } from '../records.js';

/** Limits that a network has and those that answers show are the same where they are this near, relative to their distance. */
const alike = 1e-3;

/** Digits that limits are written with, if they are this near to what was found: people write them with few. */
const written = { digits: 4, error: 1e-5 };

/**
 * The head that a network's last hidden layer stands for, if it stands for one: with the limits that answers show (far
 * out and nearby), else those of the network as people write them.
 */
export async function headInLayerOf(
  network: Network | null,
  near: Dataset,
  far: () => Promise<Dataset | undefined>,
): Promise<Head | undefined> {
  const head = network === null ? undefined : readHeadInLayer(network)?.head;
  if (head === undefined || head.name !== 'tanh') return head;
  return headsNamed('tanh', near, await far()).find((seen) => areAlike(seen, head)) ?? asWritten(head);
}

const areAlike = (a: Head, b: Head): boolean =>
  a.lower.every((lower, k) => {
    const allowed = alike * (b.upper[k] - b.lower[k]);
    return Math.abs(lower - b.lower[k]) < allowed && Math.abs(a.upper[k] - b.upper[k]) < allowed;
  });

function asWritten({ lower, upper, ...head }: Head): Head {
  const write = (limits: Float64Array) =>
    limits.map((limit, k) => {
      const rounded = Number(limit.toPrecision(written.digits));
      return Math.abs(rounded - limit) < written.error * (upper[k] - lower[k]) ? rounded : limit;
    });
  return { ...head, lower: write(lower), upper: write(upper) };
}
