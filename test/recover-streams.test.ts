import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { hearStreams, randomStream } from '../src/base/random.js';
import { forward, type Network, type RecoverOptions, recover } from '../src/index.js';
import { deepTarget } from '../src/suite/deep.js';

/** A network with random weights. */
function randomNetwork(label: string, sizes: readonly number[], activation: Network['activation']): Network {
  const random = randomStream('fingerprint', label);
  const layers = sizes.slice(1).map((outputs, l) => ({
    inputs: sizes[l],
    outputs,
    weights: Float64Array.from(
      { length: sizes[l] * outputs },
      () => (2 * random.normal()) / Math.sqrt(sizes[l]),
    ),
    biases: Float64Array.from({ length: outputs }, () => random.normal()),
  }));
  return { activation, slope: 0, layers };
}

/** Names of the random streams that a recovery opens, and how often each. */
async function streamsOf(
  network: Network,
  move = (x: number, _: number) => x,
  options: Partial<RecoverOptions> = {},
) {
  const names = new Map<string, number>();
  const inputDimension = network.layers[0].inputs;
  hearStreams((labels) => {
    const name = labels.join(', ');
    names.set(name, (names.get(name) ?? 0) + 1);
  });
  const { verdict } = await recover((inputs, count) => forward(network, inputs.map(move), count), {
    ...{ inputDimension, seed: 3 },
    ...options,
  });
  hearStreams();
  return { verdict, names };
}

afterEach(() => hearStreams());

const targets: readonly {
  readonly what: string;
  readonly network: Network;
  readonly move?: (x: number, i: number) => number;
  readonly options?: Partial<RecoverOptions>;
}[] = [
  { what: 'one hidden layer', network: randomNetwork('shallow', [3, 4, 1], 'tanh') },
  { what: 'one hidden layer, in float32', network: randomNetwork('float32', [3, 4, 1], 'gelu') },
  {
    what: 'inputs of all sizes',
    network: randomNetwork('tanh8', [4, 3, 1], 'tanh'),
    move: (x, i) => (x - 50 * (i % 4)) / (1 + 30 * (i % 4)),
  },
  { what: 'two layers without bends', network: randomNetwork('deep', [4, 3, 2, 1], 'tanh') },
  { what: 'three layers with bends', network: deepTarget({ activation: 'relu', depth: 3, seed: 2 }) },
];

for (const { what, network, move, options } of targets) {
  test(`no random stream is opened twice: ${what}`, async () => {
    const { verdict, names } = await streamsOf(network, move, options);
    assert.equal(verdict, 'identified');
    assert.ok(names.size > 10, 'streams are heard of');
    const twice = [...names].filter(([, times]) => times > 1).map(([name]) => name);
    assert.deepEqual(twice, []);
  });
}
