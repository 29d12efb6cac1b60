import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from '../../src/kernels/arena.js';
import { builds, caseOf, shapeOf } from './implementations.js';

test('the arena hands out parts that do not overlap, and takes all of them back', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 1000 }), (bytes, seed) => {
      const arena = new Arena(new WebAssembly.Memory({ initial: 1, maximum: 65536 }), 1000);
      const taken: { at: number; bytes: number }[] = [];
      bytes.forEach((wanted, index) => {
        const at = arena.allocate(wanted);
        assert.equal(at % 64, 0);
        assert.ok(at >= 1000 && at + wanted <= arena.size);
        for (const other of taken) assert.ok(at >= other.at + other.bytes || at + wanted <= other.at);
        taken.push({ at, bytes: Math.max(wanted, 1) });
        if ((seed + index) % 3 === 0) arena.release(taken.splice((seed + index) % taken.length, 1)[0].at);
      });
      for (const { at } of taken) arena.release(at);
      // one free span again: everything there is can be taken without growth
      const { size } = arena;
      arena.allocate(size - 1024);
      assert.equal(arena.size, size);
    }),
  );
});

test('the arena says how much it holds and wants when the memory is full', () => {
  const arena = new Arena(new WebAssembly.Memory({ initial: 1, maximum: 65536 }), 0);
  assert.throws(
    () => arena.allocate(2 ** 33),
    /out of memory: the kernels hold 1 MiB and need 8192 MiB more/,
  );
  assert.throws(() => arena.allocate(Number.NaN), /out of memory/);
  assert.equal(arena.allocate(100), 0);
});

for (const kernels of builds) {
  test(`${kernels.name} says that normal equations beyond 4 GiB do not fit`, () => {
    const one = caseOf(shapeOf({ inputs: 2, hidden: 7000 }), 3);
    const problem = kernels.shallow(one.shape, one.samples);
    assert.ok(problem.loss(one.parameters) > 0);
    assert.throws(() => problem.linearise(one.parameters), /out of memory/);
    problem.dispose();
  });

  test(`${kernels.name} reuses the memory of problems that were disposed of`, () => {
    const shapes = [
      shapeOf({}),
      shapeOf({ inputs: 9, hidden: 20, outputs: 2 }),
      shapeOf({ hidden: 40, skip: true }),
    ];
    const work = (index: number) => {
      const { shape, samples, parameters } = caseOf(shapes[index % 3], 20 + (index % 5) * 40);
      const problem = kernels.shallow(shape, samples);
      if (index % 50 < 3) problem.linearise(parameters);
      else problem.loss(parameters);
      return problem;
    };
    let open = [0, 1, 2, 3].map(work);
    for (let index = 4; index < 300; index++) {
      open.shift()!.dispose();
      open.push(work(index));
    }
    const { size } = kernels.machine.arena;
    for (let index = 300; index < 5000; index++) {
      open.shift()!.dispose();
      open.push(work(index));
    }
    assert.equal(kernels.machine.arena.size, size);
    for (const problem of open) problem.dispose();
    open = [];
  });

  test(`${kernels.name} keeps a problem's data while the memory grows under it`, () => {
    const { shape, samples, parameters } = caseOf(shapeOf({ inputs: 4, hidden: 5 }), 50);
    const problem = kernels.shallow(shape, samples);
    const gradient = new Float64Array(problem.parameterCount);
    const loss = problem.lossAndGradient(parameters, gradient);
    const { size } = kernels.machine.arena;
    // 4 parameters a neuron, and their normal matrix takes 4p² bytes
    const other = caseOf(shapeOf({ hidden: Math.ceil(Math.sqrt(size / 4) / 4) }), 3);
    const large = kernels.shallow(other.shape, other.samples);
    large.linearise(other.parameters);
    assert.ok(kernels.machine.arena.size > size);
    const again = new Float64Array(problem.parameterCount);
    assert.equal(problem.lossAndGradient(parameters, again), loss);
    assert.deepEqual(again, gradient);
    large.dispose();
    problem.dispose();
  });

  test(`${kernels.name} refuses vectors of another length, and a problem that was disposed of`, () => {
    const { shape, samples, parameters } = caseOf(shapeOf({}), 5);
    const problem = kernels.shallow(shape, samples);
    assert.throws(() => problem.loss(new Float64Array(2)), {
      name: 'RangeError',
      message: /2 entries, expected/,
    });
    assert.throws(() => problem.solve(parameters, parameters), /linearise/);
    problem.dispose();
    problem.dispose();
    assert.throws(() => problem.loss(parameters), /disposed/);
    assert.throws(() => problem.linearise(parameters), /disposed/);
  });
}
