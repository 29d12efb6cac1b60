import { InputError } from '../base/errors.js';
import type { GridRule } from '../network/grid.js';
import type { OptionEntry } from './option-table.js';

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const entry = /^\s*(\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*)\s*:\s*(\S(?:.*\S)?)\s*$/;
const range = new RegExp(
  String.raw`^(int)?\s*\[\s*(${number})\s*,\s*(${number})\s*\]\s*(?:/\s*(${number}))?$`,
  'i',
);
const list = new RegExp(String.raw`^${number}(?:\s*,\s*${number})*$`, 'i');

/** Most inputs that one range of them names. */
const mostInputs = 100_000;

/** The rules of `--grid`; throws `InputError` that shows the one that is wrong. */
export function parseGrid(text: string): GridRule[] {
  return text.split(';').map((one) => {
    const [, names, what] = entry.exec(one) ?? [];
    const inputs = names === undefined ? undefined : inputsNamed(names);
    const rule = inputs && ruleOf(inputs, what);
    if (rule !== undefined) return rule;
    throw new InputError(
      `--grid must be INPUTS:VALUES;… with int[lo,hi], [lo,hi]/step, values with commas or onehot, as in 0:int[0,5];1:0,0.5,1;2-4:onehot, got '${one.trim().slice(0, 60)}'`,
    );
  });
}

/** Inputs such as `3`, `2-5` or `0,4-6`, from 0; undefined where a range falls. */
function inputsNamed(names: string): number[] | undefined {
  const ranges = names.split(',').map((word) => word.split('-').map(Number));
  if (ranges.some(([first, last = first]) => last < first || last - first > mostInputs)) return undefined;
  return ranges.flatMap(([first, last = first]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

function ruleOf(inputs: readonly number[], what: string): GridRule | undefined {
  if (/^one-?hot$/i.test(what)) return { inputs, oneHot: true };
  if (list.test(what)) return { inputs, values: what.split(',').map(Number) };
  const [, integers, from, to, step] = range.exec(what) ?? [];
  // one of the two: integers, or steps that are told
  if (from === undefined || (integers === undefined) === (step === undefined)) return undefined;
  const [low, high] = [Number(from), Number(to)];
  if (integers !== undefined && !(Number.isInteger(low) && Number.isInteger(high))) return undefined;
  return { inputs, from: low, to: high, step: step === undefined ? 1 : Number(step) };
}

/** `--grid` as an option of commands. */
export const gridOption: OptionEntry = {
  flags: '--grid <rules>',
  meaning:
    'inputs that take some values alone: INPUTS:VALUES;… with int[lo,hi], [lo,hi]/step, values with commas or onehot, as in 0:int[0,5];1:0,0.5,1;2-4:onehot; no query leaves them',
  parse: parseGrid,
  default: null,
  shownDefault: 'none',
};
