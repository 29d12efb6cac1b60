import { outOfMemory } from './arena.js';
import type { Factorisation, LeastSquares, Precision, Samples } from './kernels.js';
import { type Machine, panelBytes } from './machine.js';
import { curvatureStep } from './row-problem.js';
import { SampleWindow } from './sample-window.js';
import { factoriseInScratch } from './wasm-factor.js';

/** Addresses of what every problem holds. */
export interface ProblemAddresses {
  readonly descriptor: number;
  readonly window: SampleWindow;
  readonly parameters: number;
  readonly gradient: number;
}

/** One kind of least-squares problem: its size, its descriptor in memory, its kernels. */
export interface ProblemKind {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameterCount: number;
  readonly descriptorBytes: number;
  /** Address of the normal matrix's field, in bytes behind the descriptor. */
  readonly normalField: number;
  describe(machine: Machine, at: ProblemAddresses): void;
  readonly gradientScratch: (problem: number) => number;
  readonly normalScratch: (problem: number) => number;
  readonly loss: (problem: number, scratch: number) => number;
  readonly lossAndGradient: (problem: number, scratch: number) => number;
  readonly linearise: (problem: number, scratch: number, single: number) => number;
  /** Where there is one: see `LeastSquares`. */
  readonly curvature?: {
    readonly scratch: (problem: number) => number;
    /** Reads the direction from where the gradient stands, and writes there. */
    readonly evaluate: (problem: number, step: number, scratch: number) => void;
  };
}

/** A least-squares problem in WebAssembly: its samples in blocks, its parameters, its normal equations. */
export class WasmProblem implements LeastSquares {
  readonly parameterCount: number;
  readonly residualCount: number;
  readonly normalVector: Float64Array;
  readonly normalDiagonal: Float64Array;
  readonly curvature?: NonNullable<LeastSquares['curvature']>;
  readonly #machine: Machine;
  readonly #kind: ProblemKind;
  readonly #window: SampleWindow;
  readonly #at: number;
  /** Address of the normal matrix, or 0 before the first `linearise`. */
  #normal = 0;
  readonly #parametersAt: number;
  readonly #gradientAt: number;
  readonly #gradientScratch: number;
  readonly #normalScratch: number;
  #parameters: Float64Array = new Float64Array(0);
  #gradient: Float64Array = new Float64Array(0);
  #version = -1;
  #disposed = false;

  constructor(machine: Machine, kind: ProblemKind, samples: Samples) {
    const { inputs: d, outputs: o, parameterCount: p } = kind;
    this.#machine = machine;
    this.#kind = kind;
    this.parameterCount = p;
    this.residualCount = samples.count * o;
    this.normalVector = new Float64Array(p);
    this.normalDiagonal = new Float64Array(p);
    this.#window = new SampleWindow(machine, 'float64', samples, d, o);
    const vectorBytes = 8 * (p + 4);
    this.#at = machine.arena.allocate(kind.descriptorBytes + 2 * vectorBytes);
    machine.windows.set(this.#at, this.#window);
    this.#parametersAt = this.#at + kind.descriptorBytes;
    this.#gradientAt = this.#parametersAt + vectorBytes;
    kind.describe(machine, {
      descriptor: this.#at,
      window: this.#window,
      parameters: this.#parametersAt,
      gradient: this.#gradientAt,
    });
    // sizes of 2 GiB and more come back negative
    this.#gradientScratch = kind.gradientScratch(this.#at) >>> 0;
    this.#normalScratch = kind.normalScratch(this.#at) >>> 0;
    if (kind.curvature !== undefined) this.curvature = this.#curvature.bind(this, kind.curvature);
  }

  /** Takes scratch, then copies the parameters; in this order, as scratch may replace the views. */
  #enter(parameters: Float64Array, scratchBytes: number): number {
    this.#check(parameters, 'parameters');
    const scratch = this.#machine.scratch(scratchBytes);
    this.#refreshViews();
    this.#parameters.set(parameters);
    return scratch;
  }

  #refreshViews(): void {
    const { arena } = this.#machine;
    if (this.#version === arena.version) return;
    const p = this.parameterCount;
    this.#parameters = arena.f64.subarray(this.#parametersAt / 8, this.#parametersAt / 8 + p);
    this.#gradient = arena.f64.subarray(this.#gradientAt / 8, this.#gradientAt / 8 + p);
    this.#version = arena.version;
  }

  #check(vector: Float64Array, name: string): void {
    if (this.#disposed) throw new Error('this problem has been disposed of');
    if (vector.length !== this.parameterCount) {
      throw new RangeError(`${name} has ${vector.length} entries, expected ${this.parameterCount}`);
    }
  }

  loss(parameters: Float64Array): number {
    return this.#kind.loss(this.#at, this.#enter(parameters, this.#gradientScratch));
  }

  lossAndGradient(parameters: Float64Array, gradient: Float64Array): number {
    this.#check(gradient, 'gradient');
    const scratch = this.#enter(parameters, this.#gradientScratch);
    const loss = this.#kind.lossAndGradient(this.#at, scratch);
    gradient.set(this.#gradient);
    return loss;
  }

  linearise(parameters: Float64Array, precision: Precision = 'float64'): number {
    const { arena, exports } = this.#machine;
    const p = this.parameterCount;
    this.#check(parameters, 'parameters');
    if (this.#normal === 0) {
      // the work space is at most as large again, and three quarters of that for pairs of neurons
      if (2.75 * panelBytes(p) > 2 ** 32) throw outOfMemory(arena.size, 2.75 * panelBytes(p));
      this.#normal = arena.allocate(panelBytes(p));
      arena.i32[(this.#at + this.#kind.normalField) / 4] = this.#normal;
    }
    const scratch = this.#enter(parameters, this.#normalScratch);
    const loss = this.#kind.linearise(this.#at, scratch, precision === 'float32' ? 1 : 0);
    this.normalVector.set(this.#gradient);
    exports.readDiagonal(this.#normal, p, this.#gradientAt);
    this.normalDiagonal.set(this.#gradient);
    return loss;
  }

  #curvature(
    { scratch: scratchOf, evaluate }: NonNullable<ProblemKind['curvature']>,
    parameters: Float64Array,
    direction: Float64Array,
    to: Float64Array,
  ): void {
    this.#check(direction, 'direction');
    const scratch = this.#enter(parameters, scratchOf(this.#at) >>> 0);
    this.#gradient.set(direction);
    evaluate(this.#at, curvatureStep, scratch);
    to.set(this.#gradient);
  }

  normalMatrix(): Float64Array {
    const { arena, exports, scratch } = this.#machine;
    const p = this.parameterCount;
    if (this.#normal === 0) return new Float64Array(p * p);
    const at = scratch(8 * p * p);
    exports.unpackPanels(this.#normal, p, at);
    return arena.f64.slice(at / 8, at / 8 + p * p);
  }

  solve(damping: Float64Array, step: Float64Array, vector: Float64Array = this.normalVector): boolean {
    this.#check(damping, 'damping');
    this.#check(step, 'step');
    if (this.#normal === 0) throw new Error('solve needs a linearise before it');
    const { arena, exports, scratch } = this.#machine;
    const p = this.parameterCount;
    const bytes = 8 * (p + 4);
    // sizes of 2 GiB and more come back negative
    const work = exports.solveScratch(p) >>> 0;
    const at = scratch(work + 2 * bytes);
    const dampingAt = at + work;
    const bAt = dampingAt + bytes;
    const { f64 } = arena;
    f64.set(damping, dampingAt / 8);
    for (let i = 0; i < p; i++) f64[bAt / 8 + i] = -vector[i];
    if (exports.solve(this.#normal, p, dampingAt, bAt, at) === 0) return false;
    for (let i = 0; i < p; i++) step[i] = f64[bAt / 8 + i];
    return true;
  }

  factoriseScaled(scale: Float64Array): Factorisation | undefined {
    this.#check(scale, 'scale');
    if (this.#normal === 0) throw new Error('a factor needs a linearise before it');
    const { arena, exports } = this.#machine;
    arena.f64.set(scale, this.#gradientAt / 8);
    exports.scalePanels(this.#normal, this.parameterCount, this.#gradientAt);
    return factoriseInScratch(this.#machine, this.#normal, this.parameterCount);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#machine.arena.release(this.#at);
    this.#machine.windows.delete(this.#at);
    this.#window.release();
    if (this.#normal !== 0) this.#machine.arena.release(this.#normal);
  }
}
