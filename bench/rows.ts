/** Seconds of one case, of every contestant that took part; the best of the interleaved repeats. */
export interface BenchRow {
  readonly part: string;
  readonly name: string;
  /** Ours in the plain and in the relaxed build; null where the engine cannot run it. */
  readonly simd: number | null;
  readonly relaxed: number | null;
  /** The peer's; null where it is not installed. */
  readonly peer: number | null;
  /** Operations that are counted; 0 where there is no rate to give. */
  readonly operations: number;
  /** Most memory held beyond what was held before, in bytes. */
  readonly bytes?: { readonly ours: number; readonly peer: number | null };
  /** Relative loss that was reached. */
  readonly losses?: { readonly ours: number; readonly peer: number | null };
}

/** How many times as fast as the peer the best of our builds is; null without a peer. */
export function ratioOf({ simd, relaxed, peer }: BenchRow): number | null {
  const ours = relaxed ?? simd;
  return ours === null || peer === null ? null : peer / ours;
}

/** A duration in words of ten characters. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–'.padStart(10);
  const [value, unit] =
    seconds < 1e-3 ? [seconds * 1e6, 'µs'] : seconds < 1 ? [seconds * 1e3, 'ms'] : [seconds, 's'];
  return `${value.toPrecision(3).replace(/e\+3$/, '')} ${unit}`.padStart(10);
}

/** Heads of the columns of `rowLine`. */
export function headLine(title: string, peer: string): string {
  const heads = ['simd', 'relaxed', peer, 'times as fast'].map((head) => head.slice(0, 14));
  return [title.padEnd(46), ...heads.map((head) => head.padStart(15))].join('');
}

/** One row of the table: durations, then rates, memory and losses where there are some. */
export function rowLine(row: BenchRow): string {
  const ratio = ratioOf(row);
  const best = row.relaxed ?? row.simd;
  const rate =
    row.operations > 0 && best !== null ? `  ${(row.operations / best / 1e9).toFixed(1)} GFlop/s` : '';
  const peerRate =
    row.operations > 0 && row.peer !== null ? ` (${(row.operations / row.peer / 1e9).toFixed(1)})` : '';
  const columns = [row.simd, row.relaxed, row.peer].map((seconds) => duration(seconds).padStart(15));
  const memory =
    row.bytes === undefined
      ? ''
      : `  ${megabytes(row.bytes.ours)}${row.bytes.peer === null ? '' : ` against ${megabytes(row.bytes.peer)}`}`;
  const losses =
    row.losses === undefined
      ? ''
      : `  loss ${row.losses.ours.toExponential(1)}${row.losses.peer === null ? '' : ` against ${row.losses.peer.toExponential(1)}`}`;
  return [
    row.name.padEnd(46),
    ...columns,
    (ratio === null ? '–' : ratio.toFixed(2)).padStart(15),
    rate,
    peerRate,
    memory,
    losses,
  ].join('');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
