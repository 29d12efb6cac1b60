import { InputError } from '../base/errors.js';
import { checkActivation } from '../expand/candidates.js';
import { type ActivationName, activationNamed } from '../network/activations.js';
import { deepest } from '../options.js';

/** A network that is drawn: sizes from the inputs to the outputs, and the seed of its weights. */
export interface Drawn {
  readonly sizes: readonly number[];
  readonly activation: ActivationName;
  readonly seed: number;
}

/** What is recovered: an example by its name, a network that is drawn, or a file of the user's. */
export type Choice =
  | { readonly kind: 'example'; readonly name: string }
  | { readonly kind: 'drawn'; readonly drawn: Drawn }
  | { readonly kind: 'file' };

/** Everything that a link holds. */
export interface PlaygroundSettings {
  readonly choice: Choice;
  readonly activation: ActivationName | 'auto';
  readonly depth: number | 'auto';
  readonly seed: number;
  /** Most queries; null for no limit. */
  readonly budget: number | null;
  /** Width of every student in place of the usual ones; null for those. */
  readonly width: number | null;
}

/** The settings of a page that was opened without any. */
export const defaultSettings: PlaygroundSettings = {
  choice: { kind: 'example', name: 'tanh-8-4-1' },
  activation: 'auto',
  depth: 'auto',
  seed: 0,
  budget: null,
  width: null,
};

/** Largest network that can be drawn: more is slow in a browser. */
export const largestDrawn = { layers: 5, width: 64 };

/** The settings as the part of a link behind `#`; a file of the user's is not in it. */
export function toLink({ choice, activation, depth, seed, budget, width }: PlaygroundSettings): string {
  const words = new URLSearchParams();
  if (choice.kind === 'example') words.set('example', choice.name);
  if (choice.kind === 'drawn') {
    const { drawn } = choice;
    words.set('draw', drawn.sizes.join('-'));
    words.set('of', drawn.activation);
    words.set('weights', String(drawn.seed));
  }
  words.set('activation', activation);
  words.set('depth', String(depth));
  words.set('seed', String(seed));
  if (budget !== null) words.set('budget', String(budget));
  if (width !== null) words.set('width', String(width));
  return words.toString();
}

/** Reads the part of a link behind `#`; what it does not say is the default. Throws `InputError` naming what is wrong. */
export function fromLink(text: string): PlaygroundSettings {
  const words = new URLSearchParams(text.replace(/^#/, ''));
  const depth = words.get('depth') ?? 'auto';
  return {
    choice: choiceFrom(words),
    activation: checkActivation(words.get('activation') ?? 'auto'),
    depth: depth === 'auto' ? depth : integerOf('depth', depth, 1, deepest),
    seed: integerOf('seed', words.get('seed') ?? '0', 0),
    budget: words.has('budget') ? integerOf('budget', words.get('budget')!, 1) : null,
    width: words.has('width') ? integerOf('width', words.get('width')!, 1, 256) : null,
  };
}

function choiceFrom(words: URLSearchParams): Choice {
  const sizes = words.get('draw');
  if (sizes !== null) {
    const activation = activationNamed(words.get('of') ?? 'tanh').name;
    const seed = integerOf('weights', words.get('weights') ?? '0', 0);
    return { kind: 'drawn', drawn: { sizes: parseSizes(sizes), activation, seed } };
  }
  const name = words.get('example');
  return name === null ? defaultSettings.choice : { kind: 'example', name };
}

/** Reads sizes such as 2-3-1. Throws `InputError` that says what is expected. */
export function parseSizes(text: string): number[] {
  const sizes = text
    .trim()
    .split(/[-,\s]+/)
    .map(Number);
  const { layers, width } = largestDrawn;
  if (
    sizes.length >= 3 &&
    sizes.length <= layers &&
    sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= width)
  )
    return sizes;
  throw new InputError(
    `the sizes are '${text.slice(0, 40)}', expected 3 to ${layers} numbers from 1 to ${width} such as 2-3-1: inputs, hidden layers, outputs`,
  );
}

/** Reads an integer. Throws `InputError` naming `what`. */
export function integerOf(what: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new InputError(`${what} is '${text.slice(0, 40)}', expected an integer ${range}`);
}
