import { type Differentiable, type Samples, type ShallowShape, shallowParameterCount } from './kernels.js';
import type { Machine } from './machine.js';
import { describeShallow } from './wasm-shallow.js';

/** Samples per block and floats per row of a block: assembly/single.ts. */
const BLOCK = 256;
const STRIDE = 272;

const descriptorBytes = 64;

/** The problem of `Kernels.shallowInFloat32` in WebAssembly. */
export class SingleProblem implements Differentiable {
  readonly parameterCount: number;
  readonly residualCount: number;
  readonly #machine: Machine;
  readonly #at: number;
  readonly #parametersAt: number;
  readonly #gradientAt: number;
  readonly #scratch: number;
  #disposed = false;

  constructor(machine: Machine, shape: ShallowShape, samples: Samples) {
    const { inputs: d, outputs: o } = shape;
    const { count } = samples;
    const p = shallowParameterCount(shape);
    this.#machine = machine;
    this.parameterCount = p;
    this.residualCount = count * o;
    const blocks = Math.ceil(count / BLOCK);
    const inputBytes = blocks * (d + 1) * STRIDE * 4;
    const targetBytes = blocks * o * STRIDE * 4;
    const vectorBytes = 8 * (p + 4);
    this.#at = machine.arena.allocate(descriptorBytes + inputBytes + targetBytes + 2 * vectorBytes);
    const inputs = this.#at + descriptorBytes;
    const targets = inputs + inputBytes;
    this.#parametersAt = targets + targetBytes;
    this.#gradientAt = this.#parametersAt + vectorBytes;
    const { f32 } = machine.arena;
    f32.fill(0, inputs / 4, this.#parametersAt / 4);
    for (let n = 0; n < count; n++) {
      const block = Math.floor(n / BLOCK);
      const column = n % BLOCK;
      let to = inputs / 4 + block * (d + 1) * STRIDE + column;
      for (let k = 0; k < d; k++, to += STRIDE) f32[to] = samples.inputs[n * d + k];
      f32[to] = 1;
      to = targets / 4 + block * o * STRIDE + column;
      for (let i = 0; i < o; i++, to += STRIDE) f32[to] = -samples.outputs[n * o + i];
    }
    describeShallow(machine, shape, count, {
      descriptor: this.#at,
      inputs,
      targets,
      parameters: this.#parametersAt,
      gradient: this.#gradientAt,
    });
    this.#scratch = machine.exports.singleScratch(this.#at) >>> 0;
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
  }
}
