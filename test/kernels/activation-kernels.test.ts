import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kernels } from '../../src/kernels/kernels.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { readGolden } from '../golden.js';
import { builds, shapeOf } from './implementations.js';

const golden =
  readGolden<Record<ActivationName, [z: number, value: number, derivative: number][]>>('activations.json');

/**
 * σ and σ′ as a kernel computes them: with one sample x = 0, W = [0, z] and A = [1, 0] the Jacobian's row is
 * [0, σ′(z), σ(z), 1], whose products with its last entry are entries of JᵀJ.
 */
function startProbe(kernels: Kernels, activation: ActivationName) {
  const shape = shapeOf({ inputs: 1, hidden: 1, activation, slope: 0.2 });
  const problem = kernels.shallow(shape, {
    inputs: new Float64Array(1),
    outputs: new Float64Array(1),
    count: 1,
  });
  return (z: number) => {
    problem.linearise(Float64Array.of(0, z, 1, 0));
    const normal = problem.normalMatrix();
    return { derivative: normal[7], value: normal[11] };
  };
}

/** Units in the last place that a result may be wrong by. */
const units = 6;
/** Below this, exp is near the end of the normal numbers and results only need to be as small. */
const tiny = 1e-290;

function assertNear(actual: number, expected: number, what: string, more = 0): void {
  const allowed = (units + more) * Number.EPSILON * Math.abs(expected);
  const isNear = Math.abs(actual - expected) <= Math.max(allowed, tiny);
  assert.ok(isNear, `${what}: expected ${expected}, got ${actual}`);
}

/** Where a derivative crosses zero it is a difference of numbers near one, right to a fraction of one. */
const crossing = ['gelu', 'silu', 'mish', 'hardswish', 'gelu_tanh', 'sin'];

function assertSlope(
  actual: number,
  expected: number,
  activation: ActivationName,
  what: string,
  more: number,
): void {
  const crosses = crossing.includes(activation) && Math.abs(expected) < 0.2;
  if (crosses && Math.abs(actual - expected) <= Number.EPSILON) return;
  assertNear(actual, expected, what, more);
}

/** exp(v) of a rounded v is off by |v| units in the last place: GELU with tanh has such a tail. */
function roundedExponent(activation: ActivationName, z: number): number {
  return activation === 'gelu_tanh' && z < 0 ? 1.6 * (Math.abs(z) + 0.045 * Math.abs(z) ** 3) : 0;
}

for (const kernels of builds) {
  test(`${kernels.name} computes every activation and derivative to ${units} units in the last place`, () => {
    for (const [name, rows] of Object.entries(golden) as [ActivationName, [number, number, number][]][]) {
      const probe = startProbe(kernels, name);
      for (const [z, value, derivative] of rows) {
        const actual = probe(z);
        const more = roundedExponent(name, z);
        assertNear(actual.value, value, `${name}(${z})`, more);
        assertSlope(actual.derivative, derivative, name, `derivative of ${name} at ${z}`, more);
      }
    }
  });

  test(`${kernels.name} keeps NaN, and the limits at infinity`, () => {
    for (const name of Object.keys(golden) as ActivationName[]) {
      const probe = startProbe(kernels, name);
      assert.ok(Number.isNaN(probe(Number.NaN).value), name);
      for (const [z, side] of [
        [1e300, 'right'],
        [-1e300, 'left'],
      ] as const) {
        const far = probe(z);
        const limits = activations[name].limits(0.2);
        assert.ok(Number.isFinite(far.value) && Number.isFinite(far.derivative), name);
        if (limits === null) continue;
        const { slope, constant } = limits[side];
        const expected = slope === 0 ? constant : slope * z;
        assert.ok(Math.abs(far.value - expected) <= Math.max(1e-15 * Math.abs(expected), 1e-290), name);
        assert.ok(Math.abs(far.derivative - slope) <= Math.max(1e-15 * slope, 1e-290), name);
      }
    }
  });
}
