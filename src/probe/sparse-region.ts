import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { featuresAt, mapAt } from './cells.js';
import { type Chart, chartOf } from './chart.js';
import { type Region, wholeSpace } from './far-field.js';

/** Points that are drawn for every one that is taken, and the least and the largest share of active neurons wanted. */
const tries = 12;
const shares = { least: 0.1, most: 0.4 };

/**
 * Far points at which few neurons of the last known layer are active: a neuron behind it whose weights are mostly
 * negative is active there alone, and bends hardly anywhere else.
 */
export function sparseRegion(layers: readonly KnownLayer[], d: number, distance: number): Region {
  const whole = wholeSpace(d, distance);
  const chart = chartOf(layers[0].incoming, d);
  const own = neuronsOf(layers[layers.length - 1]);
  const draw = (random: RandomStream) =>
    chart === undefined ? whole.draw(random) : fewActive(chart, layers[0], whole.draw(random), random);
  return {
    draw(random) {
      const wanted = own * (shares.least + random.uniform() * (shares.most - shares.least));
      let best = draw(random);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < tries; i++) {
        const point = draw(random);
        const active = featuresAt(layers, point)
          .subarray(0, own)
          .reduce((sum, value) => sum + Number(value > 0), 0);
        if (Math.abs(active - wanted) >= least) continue;
        best = point;
        least = Math.abs(active - wanted);
      }
      return best;
    },
  };
}

/** A point as far out in which only a random share of the first layer's active neurons is left active. */
function fewActive(
  chart: Chart,
  { incoming, inputs }: KnownLayer,
  point: Float64Array,
  random: RandomStream,
): Float64Array {
  const share = random.uniform();
  const moved = point.slice();
  for (let j = 0; j < chart.dimension; j++) {
    const seen = mapAt(incoming.subarray(j * (inputs + 1), (j + 1) * (inputs + 1)), point);
    if (seen <= 0 || random.uniform() < share) continue;
    const axis = chart.axis(j);
    for (let k = 0; k < moved.length; k++) moved[k] -= 2 * seen * axis[k];
  }
  const scale = Math.sqrt(dot(point, point) / dot(moved, moved));
  return moved.map((value) => scale * value);
}
