import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testDeepRivals } from '../../src/ending/rivals.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { type Candidate, candidatesFor } from '../../src/expand/candidates.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { type DeepNetwork, deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { triedActivations } from '../../src/network/families.js';
import { forward } from '../../src/network/forward.js';
import type { FitShape, Fitter } from '../../src/optimise/fit.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

const fitter = createInlineFitter(loadKernels());

/** What is left of the variance at most where a rival is as good. */
const tolerance = 1e-20;

/** A network of 2 inputs and one output with normal weights, and its answers. */
function known(activation: ActivationName, widths: readonly number[], count = 300) {
  const shape = { inputs: 2, widths, outputs: 1, activation, slope: 0, skip: false };
  const network: DeepNetwork = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
  return { network, dataset: answersOf(network, normalInputs(count, 2, 1.5)) };
}

function answersOf(network: DeepNetwork, inputs: Float64Array): Dataset {
  const count = inputs.length / 2;
  const outputs = forward(toDeepNetwork(network, Float64Array.of(1)), inputs, count);
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

const candidateOf = (activation: ActivationName): Candidate => ({
  activation,
  trained: activation,
  leaky: false,
});

/** The names of rivals that are as good. */
async function equalTo(network: DeepNetwork, dataset: Dataset, rivals: readonly Candidate[]) {
  const equal = await testDeepRivals(rivals, network, dataset, tolerance, fitter);
  return equal.map(({ activation }) => activation);
}

const othersThan = (activation: ActivationName) =>
  candidatesFor('auto').filter(({ trained }) => trained !== activation);

describe('a network whose activation shows has no rival', () => {
  for (const activation of ['tanh', 'relu', 'gelu', 'softplus', 'g'] as const) {
    test(activation, async () => {
      const { network, dataset } = known(activation, [4, 3]);
      const rivals = othersThan(activation);
      assert.equal(rivals.length, triedActivations.length - 1);
      assert.deepEqual(await equalTo(network, dataset, rivals), []);
    });
  }

  test('but its own activation, which stays where it is', async () => {
    const { network, dataset } = known('tanh', [4, 3]);
    assert.deepEqual(await equalTo(network, dataset, [candidateOf('erf'), candidateOf('tanh')]), ['tanh']);
  });
});

describe('tanh and sigmoid are one family', () => {
  test('sigmoid would be as good as tanh in its place: the same functions with other weights', async () => {
    const { network, dataset } = known('tanh', [3, 2]);
    assert.deepEqual(await equalTo(network, dataset, [candidateOf('sigmoid')]), ['sigmoid']);
  });

  test('so one of them is a candidate, and no rival of the other', () => {
    const names = candidatesFor('auto').map(({ activation }) => activation);
    assert.deepEqual(
      names.filter((name) => name === 'tanh' || name === 'sigmoid'),
      ['tanh'],
    );
  });
});

describe('a network whose activation does not show has rivals', () => {
  /** Biases of all hidden neurons so large that each is on, its incoming weights far smaller. */
  const on = ({ shape, parameters }: DeepNetwork): DeepNetwork => {
    const own = parameters.map((w) => 0.2 * Math.abs(w));
    let at = 0;
    let columns = shape.inputs + 1;
    for (const width of shape.widths) {
      for (let j = 0; j < width; j++) own[at + (j + 1) * columns - 1] = 30;
      at += width * columns;
      columns = width + 1;
    }
    return { shape, parameters: own };
  };

  test('neurons that are on in all samples may be ReLU as well as ELU, but nothing bounded', async () => {
    const network = on(known('relu', [3, 2]).network);
    const dataset = answersOf(network, normalInputs(300, 2, 1.5));
    const rivals = ['elu', 'tanh', 'erf'] as const;
    const equal = await testDeepRivals(rivals.map(candidateOf), network, dataset, tolerance, fitter);
    assert.deepEqual(
      equal.map(({ activation }) => activation),
      ['elu'],
    );
  });

  test('the last layer alone may be ambiguous', async () => {
    // the neurons of the first layer switch, those of the second are all on
    const { network } = known('relu', [3, 2]);
    const parameters = network.parameters.map((w, i) => (i === 12 || i === 16 ? 30 : w));
    const half: DeepNetwork = { shape: network.shape, parameters };
    const near = answersOf(half, normalInputs(300, 2, 1.5));
    assert.deepEqual(await equalTo(half, near, [candidateOf('elu'), candidateOf('gelu')]), ['elu', 'gelu']);
  });

  test('in a network of many weights only the last layer is tried', async () => {
    const { network } = known('relu', [40, 20], 600);
    assert.ok(network.parameters.length > 800);
    const still = network.parameters.map((w, i) => (i >= 120 && i < 940 && (i - 120) % 41 === 40 ? 900 : w));
    const wide: DeepNetwork = { shape: network.shape, parameters: still };
    const dataset = answersOf(wide, normalInputs(600, 2));
    const trained: FitShape[] = [];
    const counting: Fitter = {
      fit: (jobs, ...others) => {
        trained.push(...jobs.map(({ shape }) => shape));
        return fitter.fit(jobs, ...others);
      },
    };
    const rivals = [candidateOf('tanh'), candidateOf('elu')];
    assert.deepEqual(await testDeepRivals(rivals, wide, dataset, tolerance, counting), [rivals[1]]);
    assert.deepEqual(
      trained.map((shape) => 'hidden' in shape && [shape.inputs, shape.hidden, shape.activation]),
      // a few iterations for all, then more for those that were not down yet
      [
        [40, 20, 'tanh'],
        [40, 20, 'elu'],
        [40, 20, 'tanh'],
      ],
    );
  });
});

test('a rival in all layers counts too, where that comes lower than in the last one', async () => {
  const { network, dataset } = known('tanh', [4, 3]);
  const losses: number[] = [];
  const listening: Fitter = {
    fit: async (jobs, ...others) => {
      const fitted = await fitter.fit(jobs, ...others);
      losses.push(...fitted.map(({ loss }) => loss));
      return fitted;
    },
  };
  const rivals = [candidateOf('elu')];
  assert.deepEqual(await testDeepRivals(rivals, network, dataset, tolerance, listening), []);
  // each in a few iterations first, then to its end
  const [, last, , whole] = losses;
  assert.ok(whole < last / 2, `${whole}, ${last}`);
  const between = Math.sqrt(whole * last);
  assert.deepEqual(await testDeepRivals(rivals, network, dataset, between, fitter), rivals);
  assert.deepEqual(await testDeepRivals(rivals, network, dataset, whole / 2, fitter), []);
});

test('a rival is as good up to the tolerance, in the order in which they came', async () => {
  const { network, dataset } = known('tanh', [3, 2]);
  const rivals = ['erf', 'sigmoid', 'softplus'] as const;
  const all = await testDeepRivals(rivals.map(candidateOf), network, dataset, 1e9, fitter);
  assert.deepEqual(
    all.map(({ activation }) => activation),
    rivals,
  );
  assert.deepEqual(await testDeepRivals([], network, dataset, tolerance, fitter), []);
});
