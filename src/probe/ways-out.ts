import { dot } from '../numeric/dot.js';
import { type Cell, cellOf, firstCrossing, flip, mapAt, roomAround } from './cells.js';
import { along } from './far-field.js';
import type { Place, TraceContext } from './place.js';

/** A way to leave a cell: along the surface through a known neuron's bend. */
export interface WayOut {
  readonly direction: Float64Array;
  readonly neuron: number;
  /** The crossing, and how far it is from the place. */
  readonly at: Float64Array;
  readonly distance: number;
  /** Distance from there to the next known bend. */
  readonly room: number;
  readonly beyond: Cell;
  /** How much better it is than others that are as wide: where it crosses a neuron that is wanted, or was aimed at one. */
  readonly preference: number;
}

/** A way out that is taken. */
export interface Exit extends WayOut {
  /** How far beyond the crossing the surface is looked for. */
  readonly step: number;
}

/** Of so many ways out of a cell the best: `judge` says how far beyond a crossing to look, and how good that is. */
export function chooseExit(
  from: Place,
  isWanted: (neuron: number) => boolean,
  context: TraceContext,
  tried: number,
  judge: (way: WayOut) => { readonly step: number; readonly score: number } | undefined,
): Exit | undefined {
  let best: Exit | undefined;
  let bestScore = 0;
  for (const way of drawWaysOut(from, isWanted, context, tried)) {
    const { step, score } = judge(way) ?? { step: 0, score: 0 };
    if (!(score * way.preference > bestScore)) continue;
    best = { ...way, step };
    bestScore = score * way.preference;
  }
  return best;
}

/** How much stronger than chance a direction is drawn to a wanted neuron. */
const aim = 1.5;

/** Ways out of the cell of a place, of so many random directions within the surface: every other one aims at a wanted neuron. */
function drawWaysOut(
  from: Place,
  isWanted: (neuron: number) => boolean,
  { scalar, layers, reach, random }: TraceContext,
  tried: number,
): WayOut[] {
  const d = scalar.dimension;
  const wanted = from.cell.bends.filter((_, neuron) => isWanted(neuron));
  const ways: WayOut[] = [];
  for (let i = 0; i < tried; i++) {
    const drawn = Float64Array.from({ length: d }, () => random.normal());
    const goal = i % 2 === 0 ? undefined : wanted[random.integer(wanted.length)];
    if (goal !== undefined) aimAt(drawn, goal, from.point);
    const inside = along(drawn, from.normal, -dot(drawn, from.normal) / dot(from.normal, from.normal));
    const norm = Math.sqrt(dot(inside, inside));
    const direction = inside.map((value) => value / norm);
    const crossing = firstCrossing(from.cell, from.point, direction);
    if (crossing === undefined) continue;
    const { neuron, distance } = crossing;
    const at = along(from.point, direction, distance);
    if (Math.sqrt(dot(at, at)) > reach) continue;
    const beyond = cellOf(layers, d, flip(from.cell.pattern, neuron));
    const room = roomAround(at, (_, index) => index === neuron, from.cell, beyond);
    const preference = isWanted(neuron) ? 10 : goal === undefined ? 1 : 3;
    ways.push({ direction, neuron, at, distance, room, beyond, preference });
  }
  return ways;
}

/** Turns a random direction towards a known neuron's bend. */
function aimAt(direction: Float64Array, goal: Float64Array, point: Float64Array): void {
  const gradient = goal.subarray(0, point.length);
  const norm = Math.sqrt(dot(gradient, gradient));
  if (norm === 0) return;
  const towards = mapAt(goal, point) > 0 ? -1 : 1;
  for (let k = 0; k < direction.length; k++)
    direction[k] += (aim * towards * gradient[k] * Math.sqrt(point.length)) / norm;
}

/** A look beyond a crossing is in this many directions, evenly spaced. */
export const angles = 48;

/** Where a line across a surface is asked, a step beyond a crossing that has some room around it. */
export function offsetsAcross(step: number, room: number): number[] {
  const reach = Math.atan(room / (2 * step));
  return Array.from({ length: angles }, (_, i) => step * Math.tan(((2 * i) / (angles - 1) - 1) * reach));
}

/** Distances between the samples of a line, and slopes between them. */
export function slopesOf(offsets: readonly number[], values: Float64Array) {
  const widths = offsets.slice(1).map((offset, i) => offset - offsets[i]);
  return { widths, slopes: widths.map((width, i) => (values[i + 1] - values[i]) / width) };
}

/**
 * Runs of samples of a line at which it bends, between stretches of three and more on both sides that do not: the number
 * of the first one, and of the first behind the run. `bends(i)` says it of slopes i − 1 and i.
 */
export function* runsOfBends(slopes: number, bends: (i: number) => boolean): Generator<[number, number]> {
  for (let i = 2; i < slopes - 1; i++) {
    if (!bends(i) || bends(i - 1)) continue;
    const start = i;
    while (i < slopes && bends(i)) i++;
    if (i >= slopes) return;
    yield [start, i];
  }
}
