import { randomStream } from '../base/random.js';
import { type Grid, hasContinuous } from '../network/grid.js';
import { cubeLimit, foldInto } from './bounds.js';
import { collectDrawn } from './collect.js';
import type { GridPlaces } from './on-grid.js';
import type { Oracle } from './oracle.js';
import { queriesAsSource, type Source, sourceOver } from './source.js';

/**
 * Samples by asking a target (`oracle`, in the coordinates of a grid) on the grid alone: no derivatives, no row space
 * and no far field, and everything that asks at places of its own choice asks at the nearest ones of the grid.
 */
export function gridAsSource(oracle: Oracle, seed: number, grid: Grid, places: GridPlaces): Source {
  const plain = queriesAsSource(oracle, seed, places.frame);
  const whole = collectDrawn(oracle, (spread, count, have) => ({
    queries: drawOnGrid([seed, 'queries on the grid', spread, have], count, spread, places),
  }));
  const reach = hasContinuous(grid) ? places.limit : cubeLimit;
  return sourceOver(plain, {
    reach,
    seesFar: false,
    grid: places,
    collect: () => whole,
    findSubspace: async () => undefined,
    async drawHeldOut() {
      const count = heldOutQueries;
      const inputs = drawOnGrid([seed, 'held-out on the grid'], count, 1, places);
      const outputs = await oracle.ask(inputs, count, 'held-out');
      const { inputDimension, outputDimension } = oracle;
      return { inputs, outputs, count, inputDimension, outputDimension };
    },
  });
}

const heldOutQueries = 1000;

/** Points of a grid: continuous coordinates are normal with deviation `spread`, folded at their limit. */
function drawOnGrid(
  labels: readonly (string | number)[],
  count: number,
  spread: number,
  places: GridPlaces,
): Float64Array {
  const random = randomStream(...labels);
  const points = Float64Array.from({ length: count * places.dimension }, () =>
    foldInto(places.limit, spread * random.normal()),
  );
  return places.draw(points, random);
}
