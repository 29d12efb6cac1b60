import type { Draw } from './draw.js';
import { drawShallow } from './networks.js';
import { asDraft } from './neurons.js';
import type { Answers, Draft } from './problem.js';

/** One output of a target that is no network, of one query, or a bound of its error. */
type Scalar = (x: Float64Array) => number;

/** 2⁻⁵³ relative to an argument: its rounding, and that of each product and sum on the way to it. */
const roundoff = 2 ** -53;

/** A target of one or two such outputs in one to four inputs. */
function functionDraft(draw: Draw, words: string, make: (d: number) => Scalar): Draft {
  const d = draw.pick([1, 2, 2, 3, 4]);
  const outputs = Array.from({ length: draw.pick([1, 1, 1, 2]) }, () => make(d));
  return {
    variant: `${words}, ${d} inputs, ${outputs.length} outputs`,
    inputDimension: d,
    exact: answersOf(outputs, d),
    truth: null,
  };
}

/** Outputs of single queries as answers to many. */
function answersOf(outputs: readonly Scalar[], d: number): Answers {
  const o = outputs.length;
  return (inputs, count) => {
    const answers = new Float64Array(count * o);
    for (let n = 0; n < count; n++) {
      const x = inputs.subarray(n * d, (n + 1) * d);
      for (let k = 0; k < o; k++) answers[n * o + k] = outputs[k](x);
    }
    return answers;
  };
}

const dot = (x: Float64Array, weights: readonly number[]) =>
  weights.reduce((sum, weight, k) => sum + weight * x[k], 0);

/** Sums of products of inputs, to the second to fourth degree. */
export function polynomials(draw: Draw): Draft {
  const degree = draw.integer(2, 4);
  return functionDraft(draw, `degree ${degree}`, (d) => {
    const terms = Array.from({ length: draw.integer(1, 4) }, (_, t) => ({
      factors: Array.from({ length: t === 0 ? degree : draw.integer(1, degree) }, () =>
        draw.integer(0, d - 1),
      ),
      size: draw.between(-1.5, 1.5),
    }));
    return (x) => terms.reduce((sum, { factors, size }) => sum + factors.reduce((p, k) => p * x[k], size), 0);
  });
}

/** Sums of sines of affine maps; every third problem a network with a small sine on top. */
export function sines(draw: Draw): Draft {
  if (draw.turn % 3 === 2) return disturbed(asDraft(drawShallow(draw), 'network'), draw);
  const frequency = draw.logBetween(0.3, 6);
  const bounds: Scalar[] = [];
  const draft = functionDraft(draw, `frequency ${frequency.toFixed(1)}`, (d) => {
    const terms = Array.from({ length: draw.integer(1, 3) }, () => ({
      along: draw.direction(d).map((value) => frequency * value),
      phase: draw.between(0, 6),
      size: draw.between(0.3, 1.5),
    }));
    bounds.push((x) =>
      terms.reduce((sum, { along, phase, size }) => {
        const sizes = along.reduce((total, value, k) => total + Math.abs(value * x[k]), Math.abs(phase));
        return sum + size * (along.length + 1) * roundoff * sizes;
      }, 0),
    );
    return (x) =>
      terms.reduce((sum, { along, phase, size }) => sum + size * Math.sin(dot(x, along) + phase), 0);
  });
  return { ...draft, rounding: answersOf(bounds, draft.inputDimension) };
}

/** Sums of Gaussian bells and ridges. */
export function gaussians(draw: Draw): Draft {
  const isRidge = draw.chance(0.5);
  return functionDraft(draw, isRidge ? 'ridges' : 'bells', (d) => {
    const terms = Array.from({ length: draw.integer(1, 3) }, () => ({
      centre: Array.from({ length: d }, () => draw.random.normal()),
      along: draw.direction(d),
      width: draw.between(0.5, 1.5),
      size: draw.sign() * draw.between(0.5, 1.5),
    }));
    return (x) =>
      terms.reduce((sum, { centre, along, width, size }) => {
        const apart = centre.map((value, k) => x[k] - value);
        const square = isRidge
          ? along.reduce((total, value, k) => total + value * apart[k], 0) ** 2
          : apart.reduce((total, value) => total + value * value, 0);
        return sum + size * Math.exp(-square / (2 * width * width));
      }, 0);
  });
}

/** Quotients without a pole. */
export function rationals(draw: Draw): Draft {
  return functionDraft(draw, 'quotients', (d) => {
    const [above, below, beside] = [draw.direction(d), draw.direction(d), draw.direction(d)];
    const shift = draw.between(-1, 1);
    const size = draw.between(0, 1);
    return (x) => (dot(x, above) + shift) / (1 + dot(x, below) ** 2) + size * dot(x, beside);
  });
}

/** Sums of steps. */
export function steps(draw: Draw): Draft {
  return functionDraft(draw, 'signs', (d) => {
    const terms = Array.from({ length: draw.integer(1, 4) }, () => ({
      along: draw.direction(d),
      at: draw.between(-1, 1),
      size: draw.between(0.3, 1.5),
    }));
    return (x) => terms.reduce((sum, { along, at, size }) => sum + size * Math.sign(dot(x, along) - at), 0);
  });
}

/** Saw teeth beside an affine map. */
export function sawTeeth(draw: Draw): Draft {
  const period = draw.logBetween(0.3, 10);
  return functionDraft(draw, `period ${period.toExponential(1)}`, (d) => {
    const [along, beside] = [draw.direction(d), draw.direction(d)];
    const size = draw.between(0, 0.5);
    return (x) => {
      const z = dot(x, along) / period;
      return z - Math.floor(z) + size * dot(x, beside);
    };
  });
}

/** Decision trees with a constant at every leaf. */
export function decisionTrees(draw: Draw): Draft {
  const depth = draw.integer(1, 4);
  return functionDraft(draw, `depth ${depth}`, (d) => {
    const nodes = 2 ** depth;
    const inputs = Array.from({ length: nodes }, () => draw.integer(0, d - 1));
    const thresholds = Array.from({ length: nodes }, () => draw.between(-1.5, 1.5));
    const leaves = Array.from({ length: nodes }, () => draw.between(-2, 2));
    return (x) => {
      let node = 1;
      while (node < nodes) node = 2 * node + (x[inputs[node]] > thresholds[node] ? 1 : 0);
      return leaves[node - nodes];
    };
  });
}

/** A network with a little of what is none on top. */
function disturbed(base: Draft, draw: Draw): Draft {
  const { exact, inputDimension: d } = base;
  const [size, frequency] = [draw.logBetween(1e-12, 1e-2), draw.between(1, 6)];
  const o = exact(new Float64Array(d), 1).length;
  return {
    ...base,
    truth: null,
    variant: `${base.variant}, a sine of size ${size.toExponential(1)} on top`,
    exact: (inputs, count) =>
      exact(inputs, count).map((value, i) => {
        return value + size * Math.sin(frequency * inputs[Math.floor(i / o) * d]);
      }),
  };
}
