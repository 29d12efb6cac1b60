import { InputError } from '../../base/errors.js';
import type { NamedArray } from '../data/safetensors.js';

/** Words of the parts of a name that say to which head an array belongs, by what the head is for. */
const headWords: readonly (readonly [head: string, words: RegExp])[] = [
  ['policy', /^(actor|policy|pi|actions?|mu)$/i],
  ['value', /^(critic|values?|vf|v)$/i],
  ['advantage', /^(advantages?|adv)$/i],
];

/** Parts of a name that say nothing of a head by themselves: value_net is the head of the value. */
const plainWords = /^(net|network|head|heads|layer|fc|linear|out|output|mlp)$/i;

/** The head that an array's name says, and the word that says it; undefined for what all heads share. */
function headOf({ name }: NamedArray): { head: string; word: string } | undefined {
  for (const part of name.split(/[./]/)) {
    const words = part.split('_').filter((word) => word !== '');
    const told = words.filter((word) => !plainWords.test(word));
    if (told.length !== 1) continue;
    const known = headWords.find(([, pattern]) => pattern.test(told[0]));
    if (known !== undefined) return { head: known[0], word: part };
    // policy_head and head_b are named by what is beside the word
    if (words.length > 1 && words.some((word) => /^heads?$/i.test(word)) && !/^\d+$/.test(told[0]))
      return { head: told[0].toLowerCase(), word: part };
  }
  return undefined;
}

/**
 * The arrays of one network: all of them, or where their names tell several heads, such as those of a policy and
 * a value, what all heads share and the head that `wanted` names. Throws `InputError` that lists the heads.
 */
export function chooseHead(arrays: readonly NamedArray[], wanted: string | undefined): readonly NamedArray[] {
  const words = new Map<string, string[]>();
  for (const array of arrays) {
    const found = headOf(array);
    if (found === undefined) continue;
    const known = words.get(found.head) ?? [];
    words.set(found.head, known.includes(found.word) ? known : [...known, found.word]);
  }
  const listed = [...words.values()].map(([word]) => `'${word.slice(0, 40)}'`).join(', ');
  if (wanted === undefined) {
    if (words.size < 2) return arrays;
    throw new InputError(`holds the heads ${listed}, expected one of them by --output`);
  }
  const chosen = [...words].find(([head, own]) => head === wanted || own.includes(wanted))?.[0];
  if (chosen === undefined) {
    const known = words.size === 0 ? 'holds no heads by name' : `holds the heads ${listed}`;
    throw new InputError(`${known}, expected '${wanted.slice(0, 40)}' among them`);
  }
  const own = arrays.filter((array) => [undefined, chosen].includes(headOf(array)?.head));
  // a spread that belongs to the policy is a vector without a layer of its own
  return own.filter(({ name, shape }) => shape.length !== 1 || !/(^|[._/])(log_?)?std$/i.test(name));
}
