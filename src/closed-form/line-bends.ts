import { dot } from '../numeric/dot.js';

/** A line on which a target is asked: its answers are straight between bends. */
export interface AskedLine {
  /** Distance from its beginning to its end. */
  readonly length: number;
  /** o */
  readonly outputs: number;
  /** Standard error of one answer along it. */
  readonly error: number;
  /** Answers, places × o, at distances from the beginning. */
  ask(places: Float64Array): Promise<Float64Array>;
}

/** A stretch of a line on which all answers are straight. */
export interface Piece {
  /** Where it was seen to begin and to end. */
  readonly from: number;
  readonly to: number;
  /** Of every output (o): its slope, and its value at the middle of the stretch. */
  readonly slope: Float64Array;
  readonly value: Float64Array;
}

/** A place at which one neuron bends the answers, between two straight pieces. */
export interface LineBend {
  readonly place: number;
  /** By how much the slope of every output (o) changes there. */
  readonly jump: Float64Array;
  readonly before: Piece;
  readonly after: Piece;
}

/** A place where something is known to bend, and how much: what is left of it there is no news. */
export interface Expected {
  readonly place: number;
  readonly size: number;
}

interface Sample {
  readonly t: number;
  readonly f: Float64Array;
}

/** Answers are told from straight ones by so many standard errors. */
const certain = 10;

/** Rounds in which stretches between pieces are looked at more closely, and samples that this may take in all, as multiples of the first. */
const rounds = 6;
const mostSamples = 5;

/** What is left of a known bend is less than this part of it, and lies within so many cells of it. */
const leftOver = { share: 0.05, cells: 1.5 };

/**
 * The bends of one neuron each along a line whose answers are straight between them: where two pieces meet, in all
 * outputs at the same place, and the answer there is what both say. Stretches between pieces that do not meet so are
 * asked again in smaller cells; what stays unclear, because bends nearly coincide, is left out.
 */
export async function bendsAlong(
  line: AskedLine,
  cells: number,
  expected: readonly Expected[] = [],
): Promise<LineBend[]> {
  const first = Float64Array.from({ length: cells + 1 }, (_, i) => (i / cells) * line.length);
  let samples = await sampled(line, first);
  const cell = line.length / cells;
  for (let round = 0; ; round++) {
    const { bends, open } = partition(samples, piecesOf(samples, line), line, (from, to, size) =>
      expected.some(
        ({ place, size: known }) =>
          place > from - leftOver.cells * cell &&
          place < to + leftOver.cells * cell &&
          size < leftOver.share * known,
      ),
    );
    const places = open
      .filter(({ to, from }) => to - from > 1e-6 * cell)
      .flatMap(({ from, to, parts }) =>
        Array.from({ length: parts - 1 }, (_, i) => from + ((i + 1) / parts) * (to - from)),
      );
    const isSpent = samples.length + places.length > mostSamples * cells;
    if (round === rounds || places.length === 0 || isSpent) return confirmed(bends, line);
    samples = [...samples, ...(await sampled(line, Float64Array.from(places)))].sort((a, b) => a.t - b.t);
  }
}

async function sampled({ ask, outputs: o }: AskedLine, places: Float64Array): Promise<Sample[]> {
  const answers = await ask(places);
  return Array.from(places, (t, i) => ({ t, f: answers.slice(i * o, (i + 1) * o) }));
}

/** Runs of three samples and more that are straight in all outputs, each with the numbers of its first and last sample. */
function piecesOf(samples: readonly Sample[], { error, outputs }: AskedLine) {
  const isStraight = (i: number) => {
    const [before, here, after] = samples.slice(i - 1, i + 2);
    const [left, right] = [here.t - before.t, after.t - here.t];
    let square = 0;
    for (let k = 0; k < outputs; k++) {
      square += ((after.f[k] - here.f[k]) / right - (here.f[k] - before.f[k]) / left) ** 2;
    }
    const open = certain * error * (1 / left + 1 / right);
    return square <= outputs * open ** 2;
  };
  const pieces: { first: number; last: number; piece: Piece }[] = [];
  for (let i = 1; i < samples.length - 1; i++) {
    if (!isStraight(i)) continue;
    const first = i - 1;
    while (i + 1 < samples.length - 1 && isStraight(i + 1)) i++;
    pieces.push({ first, last: i + 1, piece: fitPiece(samples.slice(first, i + 2), outputs) });
  }
  return pieces;
}

function fitPiece(samples: readonly Sample[], o: number): Piece {
  const n = samples.length;
  const middle = samples.reduce((sum, { t }) => sum + t, 0) / n;
  const spread = samples.reduce((sum, { t }) => sum + (t - middle) ** 2, 0);
  const slope = new Float64Array(o);
  const mean = new Float64Array(o);
  for (const { t, f } of samples) {
    for (let k = 0; k < o; k++) {
      slope[k] += ((t - middle) * f[k]) / spread;
      mean[k] += f[k] / n;
    }
  }
  const [from, to] = [samples[0].t, samples[n - 1].t];
  const shift = (from + to) / 2 - middle;
  return { from, to, slope, value: mean.map((value, k) => value + shift * slope[k]) };
}

const valueAt = ({ from, to, slope, value }: Piece, t: number): Float64Array =>
  value.map((v, k) => v + (t - (from + to) / 2) * slope[k]);

/** By how much what a piece says may be off at a place, in one output. */
const openAt = ({ from, to }: Piece, t: number, error: number): number =>
  certain * error * (1 + (2 * Math.abs(t - (from + to) / 2)) / (to - from));

/** Bends between neighbouring pieces, and stretches that two pieces do not explain: what to divide further, and into how many parts. */
function partition(
  samples: readonly Sample[],
  pieces: ReturnType<typeof piecesOf>,
  { error, outputs: o }: AskedLine,
  isExpected: (from: number, to: number, size: number) => boolean,
) {
  const bends: LineBend[] = [];
  const open: { from: number; to: number; parts: number }[] = [];
  const divide = (first: number, last: number, parts: number) => {
    for (let i = first; i < last; i++) open.push({ from: samples[i].t, to: samples[i + 1].t, parts });
  };
  if (pieces.length === 0) divide(0, samples.length - 1, 2);
  for (let n = 0; n + 1 < pieces.length; n++) {
    const [{ last: a, piece: before }, { first: b, piece: after }] = [pieces[n], pieces[n + 1]];
    const jump = after.slope.map((value, k) => value - before.slope[k]);
    const size = Math.sqrt(dot(jump, jump));
    const [from, to] = [samples[Math.min(a, b)].t, samples[Math.max(a, b)].t];
    if (isExpected(from, to, size)) continue;
    const middle = (from + to) / 2;
    const apart = valueAt(after, middle).map((value, k) => value - valueAt(before, middle)[k]);
    const place = middle - dot(apart, jump) / (size * size);
    const left = apart.map((value, k) => value + (place - middle) * jump[k]);
    const may = (openAt(before, place, error) + openAt(after, place, error)) * Math.sqrt(o);
    const slack = may / size;
    const isHere = place >= from - slack && place <= to + slack;
    const between = samples.slice(a + 1, b).every(({ t, f }) => {
      const said = valueAt(t < place ? before : after, t);
      return Math.hypot(...f.map((value, k) => value - said[k])) <= may;
    });
    if (isHere && between && Math.sqrt(dot(left, left)) <= may) bends.push({ place, jump, before, after });
    else if (a === b) divide(Math.max(0, a - 1), Math.min(samples.length - 1, a + 1), 2);
    else divide(a, b, b - a === 1 ? 4 : 2);
  }
  return { bends, open };
}

/** The bends at which the answer is what the pieces on both sides say: two of them in one cell are not. */
async function confirmed(bends: readonly LineBend[], line: AskedLine): Promise<LineBend[]> {
  if (bends.length === 0) return [];
  const there = await sampled(
    line,
    Float64Array.from(bends, ({ place }) => place),
  );
  return bends.filter(({ before, after, place }, i) => {
    const said = valueAt(before, place);
    const off = Math.hypot(...there[i].f.map((value, k) => value - said[k]));
    const may = openAt(before, place, line.error) + openAt(after, place, line.error);
    return off <= Math.sqrt(line.outputs) * (may + line.error * certain);
  });
}
