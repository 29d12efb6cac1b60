import type { Frame } from '../network/frame.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';
import { dot } from '../numeric/dot.js';
import { median } from '../numeric/median.js';
import { askIn, errorOf, type Feature, findFeatures, type Placed } from './placing.js';
import { measureSensitivities } from './sensitivities.js';

/** Rounds of placing: each measures from nearer. */
const rounds = 6;

/** Share of the ridge that keeps the middle where nothing tells it, and the turns of the robust fit. */
const fit = { ridge: 1e-2, turns: 12 };

/** Hyperplanes near this distance from the middle are where a cloud of spread 1 to 2 shows them. */
const wanted = 1;

/** So many times in turn a smaller scale may be asked for. */
const mostShrunk = 2;

/** A scale changes by less than this, and the middle by less than a width: nothing is left to place. */
const settled = { scale: 2, middle: 0.5 };

/** A hyperplane that a feature lies on: unit normal and distance, in the coordinates of a frame. */
interface Hyperplane {
  readonly normal: Float64Array;
  readonly distance: number;
  /** Width of the change across it. */
  readonly width: number;
  readonly isSmooth: boolean;
  /** How far off it was seen. */
  readonly reach: number;
  /** How much the distance may be off: normals of far ones are not known better. */
  readonly error: number;
}

/**
 * Where the answers of a target happen: a frame in which every input matters alike, and the hyperplanes where answers
 * bend or step pass near the middle, as those of networks whose inputs were standardised do. Networks that are published
 * with the normalisation of their data inside them, or read blood pressures, are asked there.
 */
export async function placeInputs(target: Placed): Promise<Frame> {
  const { dimension: d } = target;
  let frame: Frame = { shifts: new Float64Array(d), scales: new Float64Array(d).fill(1) };
  let shrunk: number[] = [];
  let isCone = false;
  for (let round = 0; round < rounds; round++) {
    const features = await findFeatures(target, frame, round);
    const slopes = await measureSensitivities(target, frame, features, round);
    const scaled = rescale(frame, slopes);
    const ratio = largestRatio(frame, scaled);
    const again = ratio > settled.scale ? await findFeatures(target, scaled, rounds + round) : features;
    const hyperplanes = distinct(await measureHyperplanes(target, scaled, again));
    if (hyperplanes.length === 0) {
      frame = scaled;
      if (features.length === 0) break;
      continue;
    }
    const middle = nearestPoint(hyperplanes, d);
    const off = hyperplanes.map(({ normal, distance }) => Math.abs(dot(normal, middle) - distance));
    const sized = sizeOf(hyperplanes, off, d) / wanted;
    // what asks for a smaller scale again and again is alike at every size
    shrunk = sized < 1 / settled.scale ? [...shrunk, sized] : [];
    isCone ||= shrunk.length > mostShrunk;
    const factor = isCone ? shrunk.slice(0, -1).reduce((product, one) => product / one, 1) : sized;
    if (isCone) shrunk = [];
    frame = {
      shifts: scaled.shifts.map((shift, i) => shift + scaled.scales[i] * middle[i]),
      scales: scaled.scales.map((scale) => scale * factor),
    };
    const moved = Math.hypot(...middle);
    const isSized = factor < settled.scale && factor > 1 / settled.scale;
    if (isSized && ratio < settled.scale && moved < settled.middle * Math.sqrt(d)) break;
  }
  return frame;
}

/** The frame with every input as sensitive as the others; those that show nothing stay. */
function rescale({ shifts, scales }: Frame, slopes: Float64Array): Frame {
  const seen = [...slopes].filter((slope) => slope > 0);
  const middle = Math.exp(seen.reduce((sum, slope) => sum + Math.log(slope), 0) / Math.max(1, seen.length));
  return { shifts, scales: scales.map((scale, i) => (slopes[i] > 0 ? (scale * middle) / slopes[i] : scale)) };
}

const largestRatio = (before: Frame, after: Frame): number =>
  Math.max(...before.scales.map((scale, i) => Math.max(scale / after.scales[i], after.scales[i] / scale)));

/**
 * Gradients are measured so many widths aside of a feature, with steps of so much of a width, which is at least so much of
 * the room there; a normal counts where it is so many times what rounding leaves. Unmeasured: nobody compared them with others.
 */
const gradients = { aside: 2, step: 0.5, room: 0.05, clear: 100 };

/** Gradients on both sides of every feature and in its middle: their difference is the normal of a hyperplane. */
async function measureHyperplanes(
  target: Placed,
  frame: Frame,
  features: readonly Feature[],
): Promise<Hyperplane[]> {
  const d = target.dimension;
  const widths = features.map(({ width, room }) => Math.max(width, gradients.room * room));
  const bases = features.flatMap(({ point, direction }, f) =>
    [-gradients.aside, 0, gradients.aside].map((k) => point.map((u, i) => u + k * widths[f] * direction[i])),
  );
  const asked = bases.flatMap((base, b) => {
    const length = gradients.step * widths[Math.floor(b / 3)];
    return [base, ...Array.from({ length: d }, (_, i) => base.with(i, base[i] + length))];
  });
  const answers = await askIn(target, frame, asked);
  return features.flatMap(({ point, direction }, f) => {
    const length = gradients.step * widths[f];
    const [before, inside, after] = [0, 1, 2].map((k) => {
      const from = (3 * f + k) * (d + 1);
      return Float64Array.from({ length: d }, (_, i) => (answers[from + 1 + i] - answers[from]) / length);
    });
    const own = answers.subarray(3 * f * (d + 1), (3 * f + 3) * (d + 1));
    const error = errorOf(target, own) / length;
    const bend = after.map((g, i) => g - before[i]);
    const jump = inside.map((g, i) => g - (before[i] + after[i]) / 2);
    const normal = Math.hypot(...jump) > Math.hypot(...bend) ? jump : bend;
    const norm = Math.hypot(...normal);
    if (!(norm > gradients.clear * Math.sqrt(d) * error)) return [];
    const unit = normal.map((v) => v / norm);
    const { isSmooth } = features[f];
    const width = features[f].width * Math.abs(dot(unit, direction));
    const reach = Math.hypot(...point);
    const distance = dot(unit, point);
    return [{ normal: unit, distance, width, isSmooth, reach, error: width + turned * reach }];
  });
}

/** Hyperplanes pass as near to one point as they were measured where they miss it by less than this share of their distance. */
const cone = 0.2;

/** A smooth change goes on for so many widths, over each of which it bends evenly. */
const widthsAcross = 4;

/** Sharp changes look alike at every size: so much more than the distances seen leaves room for those that were not. */
const sharpAcross = 3;

/** Where so many changes are smooth, their width is the scale that matters. */
const mostlySmooth = 0.3;

/**
 * The size of what happens near the middle: the width of smooth changes, and how far hyperplanes pass from it, where there
 * are more of them than dimensions. Sharp ones that all go through a point look alike at every size: that stays as it is.
 */
function sizeOf(hyperplanes: readonly Hyperplane[], off: readonly number[], d: number): number {
  const widths = hyperplanes.filter(({ isSmooth }) => isSmooth).map(({ width }) => width);
  if (widths.length > mostlySmooth * hyperplanes.length) return widthsAcross * median(widths);
  const size = typicalOf(off);
  return hyperplanes.length > d && size > cone * median(hyperplanes.map(({ reach }) => reach))
    ? sharpAcross * size
    : 1;
}

/** Normals are known to about this angle. */
const turned = 0.03;

/** Hyperplanes that are hardly turned against each other are one, seen from several lines. */
const alike = 0.99;

/** The hyperplanes, of those that are alike the one with the middle distance. */
function distinct(hyperplanes: readonly Hyperplane[]): Hyperplane[] {
  let left = [...hyperplanes];
  const kept: Hyperplane[] = [];
  while (left.length > 0) {
    const [first] = left;
    const cosine = (plane: Hyperplane) => dot(first.normal, plane.normal);
    const same = left
      .filter((plane) => Math.abs(cosine(plane)) > alike)
      .map((plane) => ({ plane, place: Math.sign(cosine(plane)) * plane.distance }))
      .sort((a, b) => a.place - b.place);
    kept.push(same[Math.floor(same.length / 2)].plane);
    left = left.filter((plane) => Math.abs(cosine(plane)) <= alike);
  }
  return kept;
}

/** Root mean square of distances, the largest tenth of which may be mistaken. */
function typicalOf(distances: readonly number[]): number {
  const kept = [...distances].sort((a, b) => a - b).slice(0, Math.ceil(0.9 * distances.length));
  return Math.sqrt(kept.reduce((sum, value) => sum + value ** 2, 0) / kept.length);
}

/** The point nearest to most hyperplanes: least absolute distances, by reweighted least squares. */
function nearestPoint(hyperplanes: readonly Hyperplane[], d: number): Float64Array {
  let point = new Float64Array(d);
  for (let turn = 0; turn < fit.turns; turn++) {
    const off = hyperplanes.map(({ normal, distance }) => Math.abs(dot(normal, point) - distance));
    const floor = median(off) + Number.MIN_VALUE;
    const weights = off.map((value, k) => 1 / Math.max(value, floor, hyperplanes[k].error));
    const total = weights.reduce((a, b) => a + b, 0);
    const matrix = new Float64Array(d * d);
    const right = new Float64Array(d);
    for (const [k, { normal, distance }] of hyperplanes.entries()) {
      for (let i = 0; i < d; i++) {
        right[i] += (weights[k] / total) * distance * normal[i];
        for (let j = 0; j < d; j++) matrix[i * d + j] += (weights[k] / total) * normal[i] * normal[j];
      }
    }
    for (let i = 0; i < d; i++) matrix[i * d + i] += fit.ridge / d;
    const factor = factorCholesky(matrix, d);
    if (factor === undefined) break;
    solveCholesky(factor, d, right);
    point = right;
  }
  return point;
}
