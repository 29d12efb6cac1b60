import { aroundWaves } from '../contract/search-around.js';
import { contractionWaves } from '../contract/search-contract.js';
import { mixedWaves } from '../deep/search-mixed.js';
import { normWaves } from '../deep/search-norm.js';
import { residualWaves } from '../deep/search-residual.js';
import { wavesForAll } from '../expand/search.js';
import { byBends, closedForm, closedFormLater } from './closed-items.js';
import { fewBounded, fewInputs, wavesBesideDeep, wavesForKnown } from './efforts.js';
import * as finders from './finders.js';
import { fromManyPairs } from './given-item.js';
import type { AgendaItem } from './item.js';
import { narrowFirst } from './narrow-item.js';
import {
  goesOn,
  isBrief,
  isEarly,
  isUntried,
  isWantedDeep,
  mayStillBeShallow,
  trainsFirstWaves,
  wavesSoFar,
} from './prospects.js';
import * as residual from './residual-finders.js';
import { ending, normalisedLater } from './shared-items.js';

const unmeasured = 'unmeasured';

/** What is tried, in this order, until something is found; each item is left out where it does not suit the target. */
export const agenda: readonly AgendaItem[] = [
  {
    what: 'students of given waves',
    when: 'a schedule is given, for measurements',
    effort: 'all of them, and nothing after them',
    source: '–',
    isBlind: true,
    suits: ({ search }) => search.attempt.environment.schedule !== undefined,
    async find(prospects) {
      const finding = await finders.findStudents(prospects.likely.all, prospects);
      return finding.kind === 'nothing' ? ending.find() : finding;
    },
  },
  closedForm,
  {
    what: 'residual layers',
    when: 'the same as of the next, and the bends show one smooth even + linear activation',
    effort: 'students of it as below, one wave',
    source: 'gelu 3-3 in float32: found in 9 s, where contraction led to nothing in 12',
    suits: residual.mayBeResidualSoon,
    find: residual.findResidualSoon,
  },
  {
    what: 'wide deep students, contracted',
    when: 'the depth is not told, and rounded bends far out are not the same all over their hyperplanes, as those of one hidden layer are',
    effort: `around the layers that bends show, then waves 1 to ${contractionWaves.first}`,
    source: 'bends told 126 of 126 targets right: docs/suite.md',
    suits: finders.mayBeginAround,
    find: finders.findContracted,
  },
  closedFormLater,
  {
    what: 'one hidden layer behind a normalisation',
    when: 'one hidden layer may suffice, and answers far out are bounded, all different, and alike where points are near each other',
    effort: `48 queries; where answers come to limits along rays, students of up to ${normWaves} widths`,
    source: '§7',
    suits: finders.isLikelyNormalised,
    find: finders.findNormalised,
  },
  fromManyPairs,
  {
    what: 'students with one hidden layer, of the activations that are tried first',
    when: 'one hidden layer may suffice',
    effort: `waves 1 to ${wavesForAll} of the schedule; ${wavesForKnown} where the activation is known and the far field can be followed`,
    source: `widths and spreads: docs/experiments.md; ${wavesForAll} and ${wavesForKnown}: ${unmeasured}`,
    suits: trainsFirstWaves,
    find: (prospects) => {
      const { likely, waves } = prospects;
      return finders.findStudents(likely.early.length > 0 ? likely.early : likely.later, prospects, {
        to: waves.turn,
      });
    },
  },
  byBends,
  {
    what: 'wide deep students, contracted',
    when: 'the depth is not told, behind a softmax, where bends within the reach of its sums are sharp, and not the same all over their hyperplanes',
    effort: 'a look at 8 lines at most; then around the layers that bends show',
    source:
      'gokul_iris (4-16-8-3): students of the other activations took 3 s in vain, residual ones 3 s more',
    suits: finders.mayBeginNear,
    find: finders.findContractedNear,
  },
  {
    what: 'students with one hidden layer, of the other activations',
    when: 'the same, with several activations to try',
    effort: 'the same waves',
    source: 'the same',
    suits: (prospects) =>
      trainsFirstWaves(prospects) && prospects.likely.early.length > 0 && prospects.likely.later.length > 0,
    find: (prospects) =>
      finders.findStudents(prospects.likely.later, prospects, { to: prospects.waves.turn }),
  },
  narrowFirst,
  {
    what: 'bounded neurons beside a linear path',
    when: 'one hidden layer may suffice, and the target grows as one linear map without bends',
    effort: `waves 1 to ${wavesForAll}, tanh and erf before the others`,
    source: unmeasured,
    suits: (prospects) => prospects.mayBeShallow && finders.mayHidePath(prospects),
    find: finders.findBesideSeenPath,
  },
  {
    what: 'bounded neurons beside a linear path',
    when: `one hidden layer may suffice, and students of bounded neurons left less than ${finders.hardlyAnything.toExponential(0)} of the variance`,
    effort: `waves 1 to ${wavesForAll}`,
    source: 'tanh beside a path of 1e-6: found in 88 s without this',
    suits: (prospects) => prospects.mayBeShallow && goesOn(prospects) && finders.mayLackPath(prospects),
    find: finders.findBesidePath,
  },
  {
    ...normalisedLater,
    when: 'as above, after few answers far out, and if it was not tried yet',
  },
  {
    what: 'two hidden layers with an activation each',
    when: 'neither activation nor depth is told, and the far field cannot be followed, or does not show one activation alone',
    effort: `wave 1 of ${mixedWaves.all}`,
    source: 'relu 5 and tanh 4 neurons of 6 inputs: 5 of 6 students',
    suits: (prospects) => isEarly(prospects) && finders.mayBeMixed(prospects),
    find: finders.findMixed,
  },
  {
    what: 'residual layers',
    when: 'several hidden layers may be, and the far field cannot be followed',
    effort: `2 students with paths and 2 without; waves 1 to ${residualWaves} where those with paths are far ahead`,
    source: '§7',
    suits: (prospects, learnt) => isEarly(prospects) && residual.mayBeResidual(prospects, learnt),
    find: residual.findResidual,
  },
  {
    what: 'wide deep students, contracted',
    when: 'the depth is not told, and the far field cannot be followed',
    effort: `waves 1 to ${contractionWaves.first} of ${contractionWaves.all}`,
    source:
      'the first wave recovered 12 of 18 targets with two hidden layers in float32; the others: unmeasured',
    suits: (prospects) => isEarly(prospects) && finders.mayContract(prospects),
    find: finders.findContracted,
  },
  {
    what: 'two hidden layers with an activation each',
    when: 'as above, and the far field cannot be followed',
    effort: `waves ${mixedWaves.first + 1} to ${mixedWaves.all}`,
    source: 'relu 5 and tanh 4 neurons of 6 inputs: 3 of 4 students of the second',
    suits: (prospects) => isEarly(prospects) && finders.mayBeMixed(prospects),
    find: finders.findMixedLater,
  },
  {
    what: 'students with one hidden layer, more waves',
    when: 'one hidden layer may suffice',
    effort: `the whole schedule; to wave ${fewInputs.waves} where the far field can be followed and there are at most ${fewInputs.most} inputs, to wave ${fewBounded.waves} with ${fewBounded.most} where the target is bounded; none with more inputs`,
    source: 'g-2-8-1: 27 s and 18,075 queries with two waves before deeper layers, 1.5 s and 2,648 with six',
    suits: (prospects) => prospects.mayBeShallow && goesOn(prospects),
    find: finders.studentsInWaves(({ waves }) => ({ from: waves.turn, to: waves.first })),
  },
  {
    what: 'the end of a short try',
    when: 'other heads come first (§11)',
    ...ending,
    suits: (prospects) => prospects.mayBeShallow && isBrief(prospects),
  },
  {
    what: 'answers far out that are limits, as those behind a head',
    when: 'no head is supposed, and the target does not grow or has its activation told',
    effort: '64 queries',
    source: unmeasured,
    suits: (prospects) => prospects.mayBeShallow && finders.mayBeLimits(prospects),
    find: finders.findLimits,
  },
  {
    ...normalisedLater,
    when: 'the same, after the answers far out that were asked for limits',
  },
  {
    what: 'layer after layer (§7)',
    when: 'several hidden layers may be, and the far field can be followed',
    effort: 'the far field: a layer, and students behind the next, or one wave of deep students',
    source: 'tanh 8-6 (deep suite, 1): 2.1 s with it, 5.5 s with other layers tried before it',
    suits: ({ mayBeDeep }) => mayBeDeep,
    find: finders.findLayersFirst,
  },
  {
    what: 'students with one hidden layer, more waves',
    when: 'the far field was followed and led to no deeper layer, and bends far out speak for none',
    effort: `to wave ${wavesBesideDeep}`,
    source: 'tanh-4-8-1 (synthetic suite, seed 2): identified in 6 s, of which 1 s is this',
    suits: mayStillBeShallow,
    find: finders.studentsInWaves(({ waves }) => ({ from: waves.first, to: waves.beside })),
  },
  {
    what: 'wide deep students, contracted',
    when: 'the far field shows a first layer, and surfaces or bends show that it is not the only one',
    effort: `around that layer, ${aroundWaves} waves`,
    source: 'gelu 4-4 (deep suite, 6): found after 3.3 s, where layers behind layers led to nothing in 26 s',
    suits: finders.mayContractAround,
    find: finders.findContractedAround,
  },
  {
    what: 'two hidden layers with an activation each',
    when: 'as above, if it was not tried yet',
    effort: '1 wave',
    source: 'as above',
    suits: (prospects) => finders.mayBeMixed(prospects) && isUntried(prospects),
    find: finders.findMixed,
  },
  {
    what: 'residual layers',
    when: 'as above, if they were not tried yet and the target does not grow',
    effort: 'the same',
    source: 'as above',
    suits: (prospects, learnt) =>
      residual.mayBeResidual(prospects, learnt) && isUntried(prospects) && finders.isBoundedFarOut(prospects),
    find: residual.findResidual,
  },
  {
    what: 'layer after layer (§7)',
    when: 'as above',
    effort: 'the far field behind that, then deep students; students behind every layer that is known',
    source: 'docs/suite.md',
    suits: ({ mayBeDeep }) => mayBeDeep,
    find: finders.findLayers,
  },
  {
    what: 'residual layers',
    when: 'as above, of targets that grow',
    effort: 'the same',
    source: 'the far field of elu and g 5-5 neurons led to nothing in 0.5 s',
    suits: (prospects, learnt) =>
      residual.mayBeResidual(prospects, learnt) &&
      isUntried(prospects) &&
      !finders.isBoundedFarOut(prospects),
    find: residual.findResidual,
  },
  {
    what: 'wide deep students, contracted',
    when: 'several hidden layers are told or were seen',
    effort: `waves 1 to ${contractionWaves.first}`,
    source: 'as above',
    suits: isWantedDeep,
    find: finders.findContracted,
  },
  {
    what: 'wide deep students, contracted',
    when: 'several hidden layers are told, and the far field cannot be followed',
    effort: `waves ${contractionWaves.first + 1} to ${contractionWaves.all}`,
    source: unmeasured,
    suits: (prospects, learnt) => isWantedDeep(prospects, learnt) && !prospects.mayBeDeep,
    find: finders.findContractedLater,
  },
  {
    what: 'the end',
    when: 'one hidden layer cannot suffice',
    ...ending,
    suits: ({ mayBeShallow }, { isDeep }) => !mayBeShallow || isDeep,
  },
  {
    what: 'students with one hidden layer, the rest of the waves',
    when: 'always',
    effort: 'the schedule to its end',
    source: 'docs/experiments.md',
    suits: () => true,
    find: finders.studentsInWaves((prospects, learnt) => ({ from: wavesSoFar(prospects, learnt) })),
  },
  {
    what: 'bounded neurons beside a linear path',
    when: 'nothing may be asked far out',
    effort: `waves 1 to ${wavesForAll}`,
    source: unmeasured,
    suits: ({ search }) => !search.problem.source.seesFar,
    find: finders.findBesidePath,
  },
  {
    what: 'wide deep students, contracted',
    when: 'the depth is not told, and the far field cannot be followed',
    effort: `waves ${contractionWaves.first + 1} to ${contractionWaves.all}`,
    source: unmeasured,
    suits: finders.mayContract,
    find: finders.findContractedLater,
  },
];
