import type { Certificate } from '../certify/certificate.js';
import { boundsText } from '../certify/describe-region.js';
import { type Json, toJson } from '../files/format-json.js';
import { activationText } from '../network/layer-names.js';
import type { Recovery } from '../recovery.js';

/** Where the files of a run are; null where there is no network to write. */
export interface RunFiles {
  readonly folder: string;
  readonly recovery: string;
  readonly network: string | null;
  readonly safetensors: string | null;
  readonly npz: string | null;
  readonly json: string | null;
  readonly report: string;
}

/** How a recovery was run, beside its own options. */
export interface RunContext {
  /** The target as the user named it. */
  readonly target: string;
  /** Wall-clock time of the recovery. */
  readonly seconds: number;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Version of the schema of recovery.json (docs/run-folder.md): it grows when a field changes its meaning. */
export const schemaVersion = 1;

/** The result of a recovery without its evidence, as `eac recover --json` prints it. */
export function summariseRecovery(
  recovery: Recovery,
  seconds: number,
  files: RunFiles,
): { [key: string]: Json } {
  const { verdict, reason, network, widths, queries, loss, floor, heldOut } = recovery;
  const { certificate } = recovery.evidence;
  const region = certificate === undefined ? null : claimedRegion(certificate);
  const { clipped } = recovery.evidence;
  const fields = {
    verdict,
    reason,
    activation: network ? activationText(network) : recovery.activation,
    ...(network?.activations && { activations: network.activations }),
    head: (network ?? recovery.evidence).head?.name ?? 'linear',
    widths,
    queries,
    queriesBy: recovery.evidence.queriesBy ?? null,
    seconds,
    loss,
    floor,
    heldOut,
    region,
    ...(clipped && { clipped: { ...clipped, bounds: boundsText(clipped) } }),
    files,
  };
  return toJson(fields) as { [key: string]: Json };
}

/** Where a verdict holds, and on how many fresh queries and answers of the run it stands. */
function claimedRegion({ region: { kind, least, most, shells }, answers }: Certificate) {
  return { kind, least, most, shells, answers };
}

/** Everything about a run, as recovery.json holds it (docs/run-folder.md). */
export function describeRecovery(
  recovery: Recovery,
  context: RunContext,
  files: RunFiles,
): { [key: string]: Json } {
  const { options, ...evidence } = recovery.evidence;
  const { target, threads, versions } = context;
  const { network } = recovery;
  return {
    schemaVersion,
    ...summariseRecovery(recovery, context.seconds, files),
    ...(toJson({
      slope: recovery.network?.slope ?? null,
      equivalentActivations: recovery.equivalentActivations,
      target,
      seed: options.seed,
      options: { ...options, threads },
      versions,
      network: network && { ...network, activation: activationText(network) },
      evidence,
    }) as { [key: string]: Json }),
  };
}
