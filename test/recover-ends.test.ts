import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createInlineFitter } from '../src/execute/inline.js';
import { createThreadedFitter } from '../src/execute/threads.js';
import { loadKernels } from '../src/kernels/load.js';
import { forward } from '../src/network/forward.js';
import { shallowParameterCount } from '../src/network/shallow.js';
import type { Fitter } from '../src/optimise/fit.js';
import type { RecoverOptions } from '../src/options.js';
import type { Target } from '../src/query/oracle.js';
import { type Environment, type RecoverEvent, type Recovery, recover } from '../src/recover.js';
import { recoverFromPairs } from '../src/recover-pairs.js';
import { deepTarget } from '../src/suite/deep.js';
import { normalInputs } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** A function of `d` numbers as a target. */
const targetOf =
  (d: number, answer: (...x: readonly number[]) => number): Target =>
  (inputs, count) =>
    Float64Array.from({ length: count }, (_, n) => answer(...inputs.subarray(n * d, (n + 1) * d)));

describe('one hidden neuron is found, nothing told', () => {
  for (const [name, answer, activation] of [
    ['tanh', (x: number) => Math.tanh(2 * x + 1), 'tanh'],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-(2 * x + 1))), 'sigmoid'],
    ['relu', (x: number) => Math.max(0, x), 'relu'],
    ['relu with biases', (x: number) => 1.3 * Math.max(0, 0.8 * x + 0.35) + 0.1, 'relu'],
    ['absolute value', (x: number) => Math.abs(x), 'leaky_relu'],
  ] as const) {
    test(name, async () => {
      const recovery = await recover(targetOf(1, answer), { inputDimension: 1 }, environment);
      assert.equal(recovery.verdict, 'identified', recovery.reason);
      assert.deepEqual([recovery.activation, recovery.widths], [activation, [1]]);
    });
  }
});

test('one neuron beside a linear path of the target is imitated', async () => {
  const recovery = await recover(targetOf(2, Math.max), { inputDimension: 2 }, environment);
  assert.equal(recovery.verdict, 'imitated');
});

/** No network of any kind: Gaussian bells. */
const bells = targetOf(2, (x, y) => Math.exp(-x * x) + 0.5 * Math.exp(-((y - x) ** 2)));

/** Seconds within which a recovery of a second at most must have ended, on the slowest machine. */
const longest = 30;

async function timed(
  target: Target,
  options: RecoverOptions,
  own: Environment = environment,
): Promise<Recovery> {
  const start = performance.now();
  const recovery = await recover(target, options, own);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds < longest, `${seconds} s`);
  return recovery;
}

function assertUnfinished({ verdict, reason, network, evidence }: Recovery): void {
  assert.equal(verdict, 'failed');
  assert.equal(network, null);
  assert.match(reason, /^the time is spent: .* allowed; tried so far: .*; under way: .*; next: ./);
  assert.equal(evidence.unfinished?.why, 'time');
}

describe('a recovery whose time is spent ends with what it has found', () => {
  test('in the calling thread, with the students of the wave that was under way', async () => {
    const recovery = await timed(bells, { inputDimension: 2, time: 5 });
    assertUnfinished(recovery);
    const { students } = recovery.evidence;
    assert.ok(students.length > 0);
    assert.deepEqual(
      students.map(({ index }) => index),
      students.map((_, i) => i),
    );
    assert.match(recovery.reason, /tried so far: \d+ students with one hidden layer of up to \d+ neurons/);
  });

  test('on threads', async () => {
    const fitter = createThreadedFitter(2);
    try {
      assertUnfinished(await timed(bells, { inputDimension: 2, time: 1 }, { kernels, fitter }));
    } finally {
      await fitter.close();
    }
  });

  test('while the neurons of a deep target are followed', async () => {
    const network = deepTarget({ activation: 'relu', depth: 3, seed: 2 });
    const inputDimension = network.layers[0].inputs;
    let isTracing = false;
    const stop = {
      check() {
        if (isTracing) throw new Error('stopped while tracing');
      },
      pause: async () => stop.check(),
      race: <T>(work: Promise<T>) => work,
    };
    const onEvent = ({ kind }: RecoverEvent) => {
      isTracing ||= kind === 'trace';
    };
    await assert.rejects(
      recover(
        (inputs, count) => forward(network, inputs, count),
        { inputDimension },
        {
          ...environment,
          stop,
          onEvent,
        },
      ),
      /stopped while tracing/,
    );
  });

  test('where the target never answers', async () => {
    const silent: Target = () => new Promise(() => {});
    const recovery = await timed(silent, { inputDimension: 2, time: 0.2 });
    assertUnfinished(recovery);
    assert.match(recovery.reason, /tried so far: no students; under way: the first queries/);
  });

  test('where nothing is asked', async () => {
    const inputs = normalInputs(400, 2, 2);
    const pairs = { inputs, outputs: bells(inputs, 400) as Float64Array };
    const given = { ...pairs, count: 400, inputDimension: 2, outputDimension: 1 };
    assertUnfinished(await recoverFromPairs(given, { time: 0.5 }, environment));
  });

  test('and a time that is not spent changes nothing', async () => {
    const [target, options] = [targetOf(1, (x) => Math.tanh(2 * x + 1)), { inputDimension: 1 }];
    const limited = await recover(target, { ...options, time: 1000 }, environment);
    const free = await recover(target, options, environment);
    assert.deepEqual({ ...limited, evidence: free.evidence }, free);
  });
});

test('a time that is no number of seconds is refused', async () => {
  for (const time of [0, -1, Number.NaN, '3' as unknown as number]) {
    await assert.rejects(
      recover(bells, { inputDimension: 2, time }, environment),
      /^InputError: time must be/,
    );
  }
});

test('every query is counted once by what it was for', async () => {
  const sum = ({ evidence }: Recovery) =>
    Object.values(evidence.queriesBy!).reduce((all, one) => all + one, 0);
  const shallow = await recover(targetOf(2, Math.max), { inputDimension: 2 }, environment);
  assert.equal(sum(shallow), shallow.queries);
  assert.ok(shallow.evidence.queriesBy!['row space']! > 0 && shallow.evidence.queriesBy!.samples! > 0);
  const network = deepTarget({ activation: 'relu', depth: 2, seed: 4 });
  const inputDimension = network.layers[0].inputs;
  const deep = await recover((inputs, n) => forward(network, inputs, n), { inputDimension }, environment);
  assert.equal(sum(deep), deep.queries);
  assert.ok(deep.evidence.queriesBy!.surfaces! > 0 && deep.evidence.queriesBy!['far field']! > 0);
});

/** Training that gets nowhere, at once: students stay where they start and explain nothing. */
const idle: Fitter = {
  fit: async (jobs, onDone) =>
    jobs.map(({ shape, method }, index) => {
      const parameters =
        method.kind === 'descend' || 'widths' in shape
          ? (method as { start: Float64Array }).start
          : new Float64Array(shallowParameterCount(shape));
      const lossCurve = Float64Array.of(1);
      const fitted = { shape, parameters, loss: 1, iterations: 0, reason: 'stalled', lossCurve } as const;
      onDone?.(index, fitted);
      return fitted;
    }),
};

describe('what is no network of any kind is given up', () => {
  const targets: Record<string, (x: number, y: number) => number> = {
    sines: (x, y) => Math.sin(x) + Math.cos(2 * y),
    polynomial: (x, y) => x * x * y + y * y * y,
    rational: (x, y) => x / (1 + x * x) + y,
    bells: (x, y) => Math.exp(-x * x) + 0.5 * Math.exp(-((y - x) ** 2)),
    'saw teeth': (x, y) => x - Math.floor(x) + 0.3 * y,
    'two kinds of neurons': (x, y) =>
      1.2 * Math.tanh(1.5 * x - 0.7 * y + 0.3) - 0.8 * Math.max(0, 0.4 * x + 1.9 * y - 0.6),
  };
  for (const [name, answer] of Object.entries(targets)) {
    test(name, async () => {
      const waves: (readonly number[])[] = [];
      const onEvent = (event: RecoverEvent) => {
        if (event.kind === 'wave') waves.push(event.widths ?? [event.width]);
      };
      const own = { kernels, fitter: idle, onEvent };
      const { verdict, reason } = await recover(targetOf(2, answer), { inputDimension: 2 }, own);
      assert.equal(verdict, 'failed');
      assert.match(reason, /the best, .* left .* of the variance/);
      // nothing is seen far out, or what is seen stays without students: a short try of several hidden layers
      const deep = waves.filter(({ length }) => length > 1).length;
      // and up to three waves of two hidden layers with an activation each; heads that limits far out suggest are tried as
      // shortly as the rest was (277 waves for the bells)
      assert.ok(deep <= 2 * 6 + 3, `${deep} waves with several hidden layers`);
      assert.ok(waves.length <= 300, `${waves.length} waves`);
    });
  }
});
