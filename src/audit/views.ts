import { randomStream } from '../base/random.js';
import { applyHead, plainHead } from '../network/head.js';
import type { Target } from '../query/oracle.js';

/** What an outsider may see of a model's answers. */
export interface View {
  /** Short and without spaces: how `--fail-if` and the files name it. */
  readonly id: string;
  /** In words. */
  readonly name: string;
  /** Whether the answers are probabilities of sums: then the outsider's network ends in a softmax as well. */
  readonly isSoftmax?: boolean;
  /** The target as it is seen so; every call begins anew, as for another outsider. */
  see(ask: Target): Target;
}

/** Applies `change` to every block of answers (count × o) and the queries (count × d) that they belong to. */
const changed =
  (change: (outputs: Float64Array, count: number, inputs: Float64Array) => Float64Array) =>
  (ask: Target): Target =>
  async (inputs, count) =>
    change(await ask(inputs, count), count, inputs);

/** Answers as they are, in float64 where the target can be evaluated so. */
export const asAnswered: View = { id: 'float64', name: 'float64', see: (ask) => ask };

/** Answers in float32: `single` is the target evaluated in it, where there is such a one. */
export function inFloat32(single?: Target): View {
  return {
    id: 'float32',
    name: 'float32',
    see: (ask) => single ?? changed((outputs) => outputs.map(Math.fround))(ask),
  };
}

/** Answers rounded to so many decimals. */
export function rounded(decimals: number): View {
  const factor = 10 ** decimals;
  return {
    id: `${decimals}-decimals`,
    name: `${decimals} decimals`,
    see: changed((outputs) => outputs.map((y) => Math.round(y * factor) / factor)),
  };
}

/** Softmax probabilities of the answers, in float32 as services give them. */
export const probabilities: View = {
  id: 'probabilities',
  name: 'probabilities (softmax, float32)',
  isSoftmax: true,
  see: changed((outputs, count) =>
    applyHead(plainHead('softmax'), outputs, outputs.length / count).map(Math.fround),
  ),
};

/** The k largest answers of each query; the others are 0. */
export function topOnly(k: number): View {
  return {
    id: `top-${k}`,
    name: `the ${k} largest outputs alone`,
    see: changed((outputs, count) => {
      const o = outputs.length / count;
      const kept = new Float64Array(outputs.length);
      for (let at = 0; at < outputs.length; at += o) {
        const places = Array.from({ length: o }, (_, i) => at + i).sort((a, b) => outputs[b] - outputs[a]);
        for (const place of places.slice(0, k)) kept[place] = outputs[place];
      }
      return kept;
    }),
  };
}

/**
 * Answers with Gaussian noise of `share` of each output's deviation (`deviations`, o): another for every answer, or with
 * a fixed seed the same whenever the same is asked, so that asking again does not help.
 */
export function noisy(share: number, deviations: Float64Array, isFixed: boolean): View {
  const percent = `${Number((100 * share).toPrecision(3))} %`;
  return {
    id: `noise-${share}${isFixed ? '-fixed' : ''}`,
    name: `noise of ${percent}, ${isFixed ? 'the same for a query' : 'new every time'}`,
    see: (ask) => {
      const running = randomStream('audit', 'noise', share);
      return changed((outputs, count, inputs) => {
        const [d, o] = [inputs.length / count, outputs.length / count];
        return outputs.map((y, i) => {
          const [n, k] = [Math.floor(i / o), i % o];
          if (!isFixed) return y + share * deviations[k] * running.normal();
          const own = randomStream('audit', 'noise', share, k, ...inputs.subarray(n * d, (n + 1) * d));
          return y + share * deviations[k] * own.normal();
        });
      })(ask);
    },
  };
}
