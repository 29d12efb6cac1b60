import { samplesPerBlock } from './blocks.js';
import {
  type BatchedDifferentiable,
  type Samples,
  type ShallowShape,
  shallowParameterCount,
} from './kernels.js';
import type { Machine } from './machine.js';
import { SampleWindow } from './sample-window.js';
import { describeShallow } from './wasm-shallow.js';

const descriptorBytes = 64;

/** The problem of `Kernels.shallowInFloat32` in WebAssembly. */
export class SingleProblem implements BatchedDifferentiable {
  readonly parameterCount: number;
  readonly residualCount: number;
  readonly parts: number;
  readonly #shape: ShallowShape;
  readonly #count: number;
  readonly #machine: Machine;
  readonly #window: SampleWindow;
  readonly #at: number;
  readonly #parametersAt: number;
  readonly #gradientAt: number;
  readonly #scratch: number;
  #disposed = false;

  constructor(machine: Machine, shape: ShallowShape, samples: Samples) {
    const { inputs: d, outputs: o } = shape;
    const p = shallowParameterCount(shape);
    this.#machine = machine;
    this.parameterCount = p;
    this.residualCount = samples.count * o;
    this.parts = Math.ceil(samples.count / samplesPerBlock.float32);
    this.#shape = shape;
    this.#count = samples.count;
    this.#window = new SampleWindow(machine, 'float32', samples, d, o);
    const vectorBytes = 8 * (p + 4);
    this.#at = machine.arena.allocate(descriptorBytes + 2 * vectorBytes);
    machine.windows.set(this.#at, this.#window);
    this.#parametersAt = this.#at + descriptorBytes;
    this.#gradientAt = this.#parametersAt + vectorBytes;
    this.#describe(0, this.parts);
    this.#scratch = machine.exports.singleScratch(this.#at) >>> 0;
  }

  /** Writes the record for `count` parts of the samples from `first` on. */
  #describe(first: number, count: number): void {
    const part = samplesPerBlock.float32;
    describeShallow(this.#machine, this.#shape, Math.min(count * part, this.#count - first * part), {
      descriptor: this.#at,
      window: { at: this.#window.beginAt(first), blocks: this.#window.blocks },
      parameters: this.#parametersAt,
      gradient: this.#gradientAt,
    });
  }

  loss(parameters: Float64Array): number {
    const scratch = this.#enter(parameters);
    return this.#machine.exports.singleLoss(this.#at, scratch);
  }

  lossAndGradient(parameters: Float64Array, gradient: Float64Array): number {
    this.#check(gradient, 'gradient');
    const scratch = this.#enter(parameters);
    const loss = this.#machine.exports.singleGradient(this.#at, scratch);
    const { f64 } = this.#machine.arena;
    gradient.set(f64.subarray(this.#gradientAt / 8, this.#gradientAt / 8 + this.parameterCount));
    return loss;
  }

  batchLossAndGradient(
    parameters: Float64Array,
    gradient: Float64Array,
    first: number,
    count: number,
  ): number {
    if (!(first >= 0 && first < this.parts && count > 0)) {
      throw new RangeError(
        `a batch begins at part ${first} and has ${count}, expected some of ${this.parts}`,
      );
    }
    this.#describe(first, count);
    try {
      return this.lossAndGradient(parameters, gradient);
    } finally {
      this.#describe(0, this.parts);
    }
  }

  /** Takes scratch, then copies the parameters; in this order, as scratch may replace the views. */
  #enter(parameters: Float64Array): number {
    this.#check(parameters, 'parameters');
    const scratch = this.#machine.scratch(this.#scratch);
    this.#machine.arena.f64.set(parameters, this.#parametersAt / 8);
    return scratch;
  }

  #check(vector: Float64Array, name: string): void {
    if (this.#disposed) throw new Error('this problem has been disposed of');
    if (vector.length !== this.parameterCount) {
      throw new RangeError(`${name} has ${vector.length} entries, expected ${this.parameterCount}`);
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#machine.arena.release(this.#at);
    this.#machine.windows.delete(this.#at);
    this.#window.release();
  }
}
