import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchResidual } from '../../src/deep/search-residual.js';
import type { Search } from '../../src/problem/problem.js';
import type { Network } from '../../src/records.js';
import { randomNetwork } from '../run/networks.js';
import { searchFor } from './contexts.js';

/** h = σ(W₁·x + b₁), then A·(h + σ(W₂·h + b₂)) + c. */
function residual(width: number): Network {
  const { layers } = randomNetwork('tanh', [3, width, width, 2]);
  return {
    activation: 'tanh',
    slope: 0,
    layers,
    paths: [{ from: 1, to: 3, weights: layers[2].weights.slice() }],
  };
}

/** The same search with a fitter that is stopped once it was asked for so many fits. */
function stoppedAfter(search: Search, fits: number): Search {
  const { environment, training } = search.attempt;
  let asked = 0;
  const fitter: typeof environment.fitter = {
    ...environment.fitter,
    fit(jobs) {
      asked += 1;
      if (asked > fits) throw new Error('stopped');
      return environment.fitter.fit(jobs);
    },
  };
  const attempt = {
    ...search.attempt,
    environment: { ...environment, fitter },
    training: { ...training, fitter },
  };
  return { ...search, attempt };
}

const racesOf = ({ attempt: { journal } }: Search) => {
  journal.tried({ what: 'residual layers', queries: 0, students: 0 });
  return (journal.evidence().tried ?? []).flatMap(({ races = [] }) => races);
};

test('students of a race are written down where it is stopped while they lose neurons', async () => {
  const search = await searchFor(residual(3), 0);
  // With paths, without them, those that lead further, and two more of their kind.
  const stopped = stoppedAfter(search, 4);
  await assert.rejects(searchResidual(stopped, { shown: 'tanh' }), /stopped/);
  const [race] = racesOf(search);
  assert.equal(race.students, 4);
  assert.deepEqual(race.activations, ['tanh']);
});

test('a brief search is one wave, and says where to go on', async () => {
  const search = await searchFor(residual(3), 0, 'auto', (value) => value + 1e-5 * Math.sin(50 * value));
  const { find, next } = await searchResidual(search, { shown: 'tanh', isBrief: true });
  assert.equal(find, undefined, 'such waves are no network');
  assert.equal(next?.wave, 1);
  assert.deepEqual(
    racesOf(search).map(({ widths }) => widths),
    [[10, 10]],
  );
});
