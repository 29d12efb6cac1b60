import { extraColumns, type ShallowShape, shallowParameterCount } from '../network/shallow.js';
import { BLOCK } from './blocks.js';
import type { MatrixFreeLeastSquares, Samples } from './kernels.js';
import { type Exports, type Machine, panelBytes } from './machine.js';
import { SampleWindow } from './sample-window.js';
import { describeShallow } from './wasm-shallow.js';

/** Bytes of the record of class `Shallow`. */
const descriptorBytes = 64;

/**
 * Samples a weight of a neuron that its own normal matrix is made of, where there are more; 4 left the number of inner
 * iterations as it was with all (docs/experiments.md).
 */
const samplesPerWeight = 4;

/** Blocks that it is made of at least: with fewer, all of them cost little. */
const leastBlocks = 8;

/** What has to be kept for a neuron without outgoing weights, relative to the one with the largest. */
const leastShare = 1e-12;

/** A matrix of order n and room for its factor. */
interface Factored {
  readonly n: number;
  readonly matrix: number;
  readonly factor: number;
}

/** The problem of `Kernels.matrixFree` in WebAssembly (assembly/matrix-free.ts). */
export class MatrixFreeProblem implements MatrixFreeLeastSquares {
  readonly parameterCount: number;
  readonly residualCount: number;
  readonly normalVector: Float64Array;
  largestDiagonal = 0;
  readonly #machine: Machine;
  readonly #shape: ShallowShape;
  readonly #window: SampleWindow;
  readonly #at: number;
  readonly #parametersAt: number;
  readonly #gradientAt: number;
  readonly #vectorAt: number;
  readonly #kept: number;
  readonly #normals: number;
  readonly #factors: number;
  readonly #parts: readonly Factored[];
  readonly #count: number;
  /** Every which block its own normal matrix is made of, and the samples in those. */
  #step: number;
  #used = 0;
  /** Per neuron Σ a² over the outputs, and all samples over those that were used. */
  readonly #shares: Float64Array;
  #disposed = false;

  constructor(machine: Machine, shape: ShallowShape, samples: Samples) {
    const { inputs: d, hidden: m, outputs: o } = shape;
    const { exports, arena } = machine;
    const p = shallowParameterCount(shape);
    this.#machine = machine;
    this.#shape = shape;
    this.parameterCount = p;
    this.residualCount = samples.count * o;
    this.normalVector = new Float64Array(p);
    this.#shares = new Float64Array(m);
    const vectorBytes = 8 * (p + 4);
    this.#window = new SampleWindow(machine, 'float64', samples, d, o);
    this.#at = arena.allocate(descriptorBytes + 3 * vectorBytes);
    machine.windows.set(this.#at, this.#window);
    this.#parametersAt = this.#at + descriptorBytes;
    this.#gradientAt = this.#parametersAt + vectorBytes;
    this.#vectorAt = this.#gradientAt + vectorBytes;
    describeShallow(machine, shape, samples.count, {
      descriptor: this.#at,
      window: this.#window,
      parameters: this.#parametersAt,
      gradient: this.#gradientAt,
    });
    const width = m + extraColumns(shape);
    const blocks = Math.ceil(samples.count / BLOCK);
    const wanted = Math.max(leastBlocks, Math.ceil((samplesPerWeight * Math.max(d + 1, width)) / BLOCK));
    this.#step = Math.max(1, Math.floor(blocks / wanted));
    this.#count = samples.count;
    // sizes of 2 GiB and more come back negative
    this.#kept = arena.allocate(exports.storeBytes(this.#at) >>> 0);
    this.#normals = arena.allocate(m * panelBytes(d + 1) + panelBytes(width));
    const [incoming, outgoing] = [d + 1, width].map((n) => exports.solveScratch(n) >>> 0);
    this.#factors = arena.allocate(m * incoming + outgoing);
    this.#parts = Array.from({ length: m + 1 }, (_, j) => ({
      n: j < m ? d + 1 : width,
      matrix: this.#normals + j * panelBytes(d + 1),
      factor: this.#factors + j * incoming,
    }));
  }

  /** Takes scratch and copies a vector to its place; in this order, as scratch may replace the views. */
  #enter(vector: Float64Array, at: number): number {
    if (this.#disposed) throw new Error('this problem has been disposed of');
    if (vector.length !== this.parameterCount) {
      throw new RangeError(`a vector has ${vector.length} entries, expected ${this.parameterCount}`);
    }
    const { exports } = this.#machine;
    const bytes =
      Math.max(exports.matrixFreeScratch(this.#at), exports.gradientScratch(this.#at) >>> 0) >>> 0;
    const scratch = this.#machine.scratch(bytes);
    this.#machine.arena.f64.set(vector, at / 8);
    return scratch;
  }

  #read(at: number, to: Float64Array): void {
    to.set(this.#machine.arena.f64.subarray(at / 8, at / 8 + to.length));
  }

  loss(parameters: Float64Array): number {
    const { exports, arena } = this.#machine;
    // what is kept belongs to the parameters of the last linearise
    const before = arena.f64.slice(this.#parametersAt / 8, this.#parametersAt / 8 + this.parameterCount);
    const loss = exports.loss(this.#at, this.#enter(parameters, this.#parametersAt));
    arena.f64.set(before, this.#parametersAt / 8);
    return loss;
  }

  linearise(parameters: Float64Array): number {
    const { exports } = this.#machine;
    const scratch = this.#enter(parameters, this.#parametersAt);
    const loss = exports.keepPass(this.#at, scratch, this.#kept);
    this.#read(this.#gradientAt, this.normalVector);
    this.#formNormals(scratch, parameters);
    return loss;
  }

  refine(): boolean {
    if (this.#step === 1) return false;
    this.#step = Math.max(1, this.#step >> 2);
    const { f64 } = this.#machine.arena;
    const parameters = f64.slice(this.#parametersAt / 8, this.#parametersAt / 8 + this.parameterCount);
    this.#formNormals(this.#enter(parameters, this.#parametersAt), parameters);
    return true;
  }

  /** Every neuron's own normal matrix from some of the samples, at the parameters that were linearised last. */
  #formNormals(scratch: number, parameters: Float64Array): void {
    const { exports, arena } = this.#machine;
    const { inputs: d, hidden: m, outputs: o } = this.#shape;
    this.#used = 0;
    for (let from = 0; from < this.#count; from += this.#step * BLOCK) {
      this.#used += Math.min(BLOCK, this.#count - from);
    }
    exports.neuronNormals(this.#at, scratch, this.#kept, this.#step, this.#normals);
    const width = m + extraColumns(this.#shape);
    const all = this.residualCount / o / this.#used;
    for (let j = 0; j < m; j++) {
      let square = 0;
      for (let i = 0; i < o; i++) square += parameters[m * (d + 1) + i * width + j] ** 2;
      this.#shares[j] = all * square;
    }
    const largest = Math.max(...this.#shares, Number.MIN_VALUE);
    for (let j = 0; j < m; j++) this.#shares[j] = Math.max(this.#shares[j], leastShare * largest);
    this.largestDiagonal = 0;
    this.#parts.forEach(({ n, matrix }, j) => {
      exports.readDiagonal(matrix, n, this.#vectorAt);
      const diagonal = arena.f64.subarray(this.#vectorAt / 8, this.#vectorAt / 8 + n);
      const share = j < m ? this.#shares[j] : all;
      for (const value of diagonal) this.largestDiagonal = Math.max(this.largestDiagonal, share * value);
    });
  }

  multiply(vector: Float64Array, to: Float64Array): void {
    const scratch = this.#enter(vector, this.#vectorAt);
    this.#machine.exports.multiplyNormal(this.#at, scratch, this.#kept, this.#vectorAt);
    this.#read(this.#gradientAt, to);
  }

  precondition(damping: number): boolean {
    const { exports, arena } = this.#machine;
    const { hidden: m, outputs } = this.#shape;
    const all = this.residualCount / outputs / this.#used;
    return this.#parts.every(({ n, matrix, factor }, j) => {
      const own = damping / (j < m ? this.#shares[j] : all);
      arena.f64.fill(own, this.#vectorAt / 8, this.#vectorAt / 8 + n);
      // the solution of nothing: the factor stays
      arena.f64.fill(0, this.#gradientAt / 8, this.#gradientAt / 8 + n + 4);
      return exports.solve(matrix, n, this.#vectorAt, this.#gradientAt, factor) !== 0;
    });
  }

  applyPreconditioner(vector: Float64Array, to: Float64Array): void {
    this.#substitute(vector, to, this.#machine.exports.substitute, (share) => share);
  }

  applyHalf(vector: Float64Array, isTransposed: boolean, to: Float64Array): void {
    const { substituteForward, substituteBackward } = this.#machine.exports;
    this.#substitute(vector, to, isTransposed ? substituteBackward : substituteForward, Math.sqrt);
  }

  /** Every part's share of a vector by its factor, divided by what belongs to the share of its samples. */
  #substitute(
    vector: Float64Array,
    to: Float64Array,
    substitute: Exports['substitute'],
    divisor: (share: number) => number,
  ): void {
    const { arena } = this.#machine;
    this.#forParts(({ n, factor }, share, first) => {
      arena.f64.set(vector.subarray(first, first + n), this.#vectorAt / 8);
      substitute(n, this.#vectorAt, factor);
      const solved = arena.f64.subarray(this.#vectorAt / 8, this.#vectorAt / 8 + n);
      for (let k = 0; k < n; k++) to[first + k] = solved[k] / divisor(share);
    });
  }

  /** Every part with its share and where its weights begin; that of the outputs once for each. */
  #forParts(act: (part: Factored, share: number, first: number) => void): void {
    const { hidden: m, outputs } = this.#shape;
    const all = this.residualCount / outputs / this.#used;
    let first = 0;
    for (let j = 0; j < m + outputs; j++) {
      const part = this.#parts[Math.min(j, m)];
      act(part, j < m ? this.#shares[j] : all, first);
      first += part.n;
    }
  }

  preconditionerDiagonals(): { own: Float64Array; inverse: Float64Array } {
    const { exports, arena } = this.#machine;
    const own = new Float64Array(this.parameterCount);
    const inverse = new Float64Array(this.parameterCount);
    this.#forParts(({ n, matrix, factor }, share, first) => {
      const columns = exports.inverseScratch(n) >>> 0;
      const at = this.#machine.scratch(columns + 8 * (n + 4));
      const result = at + columns;
      const read = (to: Float64Array, factor: number) => {
        const values = arena.f64.subarray(result / 8, result / 8 + n);
        for (let k = 0; k < n; k++) to[first + k] = factor * values[k];
      };
      exports.readDiagonal(matrix, n, result);
      read(own, share);
      exports.inverseDiagonal(n, factor, at, result);
      read(inverse, 1 / share);
    });
    return { own, inverse };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { arena, windows } = this.#machine;
    for (const at of [this.#at, this.#kept, this.#normals, this.#factors]) arena.release(at);
    windows.delete(this.#at);
    this.#window.release();
  }
}
