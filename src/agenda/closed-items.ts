import * as finders from './finders.js';
import type { AgendaItem } from './item.js';

/** Before a look at the far field. */
export const closedForm: AgendaItem = {
  what: 'one hidden layer in closed form, or by its bends',
  when: 'one hidden layer may suffice, and the answers change in many dimensions',
  effort:
    'a look along 12 lines; of smooth neurons slopes at random points, or Hessians, of up to 6000 queries, or 80 a dimension, of straight ones as many lines as show new bends',
  source: 'src/agenda/search-closed.ts',
  isBlind: true,
  suits: ({ mayBeShallow }) => mayBeShallow,
  find: finders.findClosedForm,
};

/** Of few dimensions, once that look told the activation. */
export const byBends: AgendaItem = {
  what: 'one hidden layer by its bends',
  when: 'those led to nothing, and bends far out are those of ReLU or leaky ReLU',
  effort: 'a look along 12 lines, then as many as show new bends',
  source:
    'relu 4-20: identified in 1.5 s, in float64 and in float32, where students took 64 s and failed in 100',
  suits: finders.areStraight,
  find: finders.findByBends,
};

/** What cost more than the first try. */
export const closedFormLater: AgendaItem = {
  what: 'one hidden layer in closed form',
  when: 'the same, where its slopes or second differences cost more, unless bends far out are not those of one hidden layer',
  effort:
    'slopes at more and more points, of up to 60,000 queries; with fewer than three outputs a Hessian, and more of them where it has the form of such a layer',
  source: 'src/agenda/search-closed.ts',
  suits: ({ mayBeShallow, look }) => mayBeShallow && look?.isDeep !== true,
  find: finders.findClosedFormLater,
};
