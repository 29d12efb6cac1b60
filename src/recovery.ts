import type { Memory } from './base/memory.js';
import type { Stop } from './base/stop.js';
import type { Certificate, Verdict } from './certify/certificate.js';
import type { StudentEvent, TraceEvent } from './expand/events.js';
import type { Wave } from './expand/expand.js';
import type { Kernels } from './kernels/kernels.js';
import type { ActivationName } from './network/activations.js';
import type { Frame } from './network/frame.js';
import type { Head } from './network/head.js';
import type { Fitter } from './optimise/fit.js';
import type { ResolvedOptions } from './options.js';
import type { Following } from './probe/follow-budget.js';
import type { Bounds } from './query/bounds.js';
import type { InputConditioning } from './query/condition.js';
import type { QueriesBy } from './query/oracle.js';
import type { OutputStatistics } from './query/precision.js';
import type { Subspace } from './query/subspace.js';
import type { Oriented } from './reconstruct/resolve-mirrors.js';
import type { Clustering, DeepStudent, Deletion, Network, Student } from './records.js';

/** What a recovery needs around it: where students are trained, the kernels, who wants to know. */
export interface Environment {
  readonly fitter: Fitter;
  readonly kernels: Kernels;
  readonly onEvent?: (event: RecoverEvent) => void;
  /** Ends the recovery from outside: what it throws is passed on. */
  readonly stop?: Stop;
  /** What the machine has, where that is known: work that needs more is not begun. */
  readonly memory?: Memory;
  /** Waves of students in place of the usual ones: for measurements. */
  readonly schedule?: readonly Wave[];
  /** Whether only the first waves are trained: other hypotheses come before the rest. */
  readonly brief?: boolean;
  /** Whether a short try went before, whose first waves need not be trained again. */
  readonly again?: boolean;
  /** Whether the head that a source is behind is one of several that its answers allow, and not certain. */
  readonly isHeadSupposed?: boolean;
  /** Asked when the first waves have failed: whether something speaks for another hypothesis, which then comes first. */
  readonly suspects?: () => Promise<boolean>;
}

/** The steps of a recovery, in order. */
export type Phase = 'query' | 'expand' | 'cluster' | 'reconstruct' | 'polish' | 'certify';

/** Progress of a recovery. */
export type RecoverEvent =
  | StudentEvent
  | TraceEvent
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** The neurons of students with one hidden layer are clustered: what follows is built on it, and may end otherwise. */
  | { readonly kind: 'clustered'; readonly clustering: Clustering };

/** How a hidden layer of a deep target was found, before the last descent, and its deletion tests after it. */
export type LayerEvidence = { readonly deletions?: readonly Deletion[] } & (
  | {
      /** The last layer: clustered from students behind the others, as in a network with one hidden layer. */
      readonly how: 'clustered';
      readonly neurons: number;
      readonly clustering: Clustering;
      readonly signs?: Oriented['signs'];
    }
  | {
      /** Read off the bends of single neurons far out. */
      readonly how: 'far field';
      readonly neurons: number;
      /** Lines that were walked there, and bends that were inspected. */
      readonly lines: number;
      readonly inspected: number;
      /** Widths of this layer and the next where that was not enough: both descended together, much wider. */
      readonly widths?: readonly number[];
    }
  | {
      /** Shared by deep students at the floor. */
      readonly how: 'students';
      readonly neurons: number;
      readonly students: number;
      /** Hidden widths of those students. */
      readonly widths: readonly number[];
      /** Of the incoming vectors of their first layer. */
      readonly clustering: Clustering;
      /** Layers that were known before. */
      readonly peeled: number;
    }
  | {
      /** What was left of a layer of a deep student when it had lost the neurons that it had too many. */
      readonly how: 'pruned';
      readonly neurons: number;
      /** Hidden widths of that student before. */
      readonly widths: readonly number[];
    }
  | {
      /** What was left of a layer of deep students that lost one neuron after another while their loss did not rise. */
      readonly how: 'contracted';
      readonly neurons: number;
      /** Students that were contracted, and how many ended with the same widths. */
      /** Of a layer whose neurons begin at surfaces that were followed in rounded answers: what that asked. */
      readonly followed?: Following;
      readonly students: number;
      readonly agreeing: number;
      /** Hidden widths of the students before. */
      readonly widths: readonly number[];
    }
);

/** A race of students of which none led to a network: they are no students of the run. */
export interface LostRace {
  readonly widths: readonly number[];
  readonly spread: number;
  readonly students: number;
  /** Of the student that came lowest, one for all its hidden layers or one for each, and what it left of the variance. */
  readonly activations: readonly ActivationName[];
  readonly loss: number;
}

/** An item of the agenda that was tried and did not end the search. */
export interface Tried {
  readonly what: string;
  /** Queries that were asked meanwhile, and students of the run that were trained. */
  readonly queries: number;
  readonly students: number;
  readonly races?: readonly LostRace[];
  /** Why what was found was not the result, in words. */
  readonly why?: string;
}

/** Everything that led to the result; what a recovery did not get to is missing. */
export interface Evidence {
  readonly options: ResolvedOptions;
  readonly numberType?: OutputStatistics['numberType'];
  /** Per output the step to whose multiples the answers are rounded; 0 where there is none. */
  readonly quanta?: Float64Array;
  /** What the target applies to the sums of its last layer; missing where it answers those. */
  readonly head?: Head;
  /** The row space of the first layer, where the students were trained in it. */
  readonly subspace?: Subspace;
  /** Where the usual queries showed little of the target: what inputs were counted from, and in, for all others. */
  readonly placed?: Frame;
  /** Of a target that clips its inputs: the bounds in which it does not, within which the rest was recovered. */
  readonly clipped?: Bounds;
  /** Where nothing was asked: the number of pairs, and how their inputs were handed to the students. */
  readonly pairs?: { readonly count: number } & InputConditioning;
  /** With one hidden layer or several, in the order of their numbers. */
  readonly students: readonly (Student | DeepStudent)[];
  /** What was tried before without success, in order. */
  readonly tried?: readonly Tried[];
  /** In the coordinates of the subspace, where there is one. */
  readonly clustering?: Clustering;
  /** For deep targets those of all layers, first layer first. */
  readonly deletions?: readonly Deletion[];
  /** For deep targets: how each layer was found, first layer first. */
  readonly layers?: readonly LayerEvidence[];
  readonly signs?: Oriented['signs'];
  /** Activations that were tried at the final width, those of them that reached the floor too, and those ruled out. */
  readonly rivals?: {
    readonly tried: readonly ActivationName[];
    readonly equal: readonly ActivationName[];
    readonly ruledOut: readonly ActivationName[];
  };
  /** Hidden widths before and after neurons were added where answers of the run contradicted the network. */
  readonly mended?: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly certificate?: Certificate;
  /** What the queries were asked for, and how many for each purpose. */
  readonly queriesBy?: QueriesBy;
  /** Of a recovery whose time, budget or memory did not suffice: what was under way then, and what would have come next. */
  readonly unfinished?: {
    readonly why: 'time' | 'budget' | 'memory';
    readonly underWay: string;
    readonly next: string;
  };
}

/** The result of a recovery. */
export interface Recovery {
  readonly verdict: Verdict;
  /** Why, in words. */
  readonly reason: string;
  readonly activation: ActivationName | null;
  /** Activations whose networks are the same functions with other weights. */
  readonly equivalentActivations: readonly ActivationName[];
  /** Hidden widths; empty where nothing was recovered. */
  readonly widths: readonly number[];
  readonly queries: number;
  /** Mean squared error on the fitted samples relative to the variance of the outputs. */
  readonly loss: number | null;
  /** The same, as far as rounding alone explains it. */
  readonly floor: number | null;
  readonly heldOut: { readonly maxError: number; readonly relativeError: number } | null;
  readonly network: Network | null;
  readonly evidence: Evidence;
}
