import { openRegister, type Register } from '../expand/register.js';
import type { ResolvedOptions } from '../options.js';
import type { Network } from '../records.js';
import type { Environment, Evidence, LayerEvidence, LostRace, Phase, Recovery, Tried } from '../recovery.js';
import { type Found, foundEvidence, type Watched, watch } from './watch.js';

/** What one try at a target has come to: it is written as the try goes, and read where that ends before its verdict. */
export interface Journal {
  /** Numbers the students of the run, tells of them and has them all. */
  readonly register: Register;
  /** How each layer of a deep target was found, first layer first; the search appends what it finds. */
  readonly layers: LayerEvidence[];
  /** What was found so far. */
  readonly found: Readonly<Found>;
  readonly watched: Watched;
  /** What stands where the search ends before it finds better. */
  readonly judged: Recovery | undefined;
  /** Tells that a step of the recovery begins, unless it is under way already. */
  enter(phase: Phase): void;
  /** Writes down the variance of the scaled outputs. */
  measured(variance: number): void;
  /** Writes down the evidence so far, in place of what was; with `isDeep` that of the layers too. */
  note(evidence: Evidence, isDeep: boolean): void;
  /** Writes down a network, for outputs as they are, and its loss relative to their variance. */
  keep(network: Network, loss: number): void;
  /** Writes down a recovery whose verdict stands where the search, which goes on, finds nothing better. */
  judge(recovery: Recovery): void;
  /** Writes down a race of students that led nowhere, beside what is tried now. */
  lost(race: LostRace): void;
  /** Writes down that something was tried without success, with the races since the last. */
  tried(what: Omit<Tried, 'races'>): void;
  /** All that was written down as evidence. */
  evidence(): Evidence;
}

/** An empty journal of a try in an environment, whose events it watches. */
export function openJournal(options: ResolvedOptions, environment: Environment): Journal {
  const watched = watch(environment);
  const register = openRegister(watched.environment.onEvent);
  const { students } = register;
  const layers: LayerEvidence[] = [];
  const found: Found = {};
  const races: LostRace[] = [];
  let noted: Evidence = { options, students };
  let current: Phase | undefined;
  let judged: Recovery | undefined;
  return {
    register,
    layers,
    found,
    watched,
    get judged() {
      return judged;
    },
    judge(recovery) {
      judged = recovery;
    },
    enter(phase) {
      if (phase === current) return;
      current = phase;
      watched.environment.onEvent?.({ kind: 'phase', phase });
    },
    measured(variance) {
      found.variance = variance;
    },
    note(evidence, isDeep) {
      noted = evidence;
      Object.assign(found, { evidence, layers: isDeep ? layers : undefined });
    },
    keep: (network, loss) => void Object.assign(found, { network, loss }),
    lost: (race) => void races.push(race),
    tried(what) {
      const own = races.splice(0);
      found.tried = [...(found.tried ?? []), { ...what, ...(own.length > 0 && { races: own }) }];
    },
    evidence: () => ({ ...noted, ...foundEvidence(found) }),
  };
}
