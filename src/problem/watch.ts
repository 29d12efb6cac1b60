import type { ResolvedOptions } from '../options.js';
import type { Network } from '../records.js';
import type { Environment, Evidence, LayerEvidence, Phase, RecoverEvent, Tried } from '../recovery.js';

/** What a recovery has found so far, for when its budget or its time ends. */
export interface Found {
  network?: Network;
  /** Relative to the variance of the outputs. */
  loss?: number;
  evidence?: Partial<Evidence>;
  /** Of a deep target. */
  layers?: readonly LayerEvidence[] | undefined;
  /** Variance of the scaled outputs, once it is measured. */
  variance?: number;
  /** What was tried without success. */
  tried?: readonly Tried[];
}

/** What is known of a recovery that did not come to a network. */
export function foundEvidence({ evidence, layers, tried }: Found): Partial<Evidence> {
  return {
    ...evidence,
    ...(layers !== undefined && layers.length > 0 && { layers }),
    ...(tried && { tried }),
  };
}

/** What a recovery is about, as its events tell it. */
export interface Watched {
  /** The environment whose events are watched, and passed on. */
  readonly environment: Environment;
  /** What is under way, and what comes after it, in words. */
  doing(depth: ResolvedOptions['depth']): { readonly underWay: string; readonly next: string };
}

/** Watches what a recovery tells of itself. */
export function watch(environment: Environment): Watched {
  let phase: Phase = 'query';
  let last: RecoverEvent | undefined;
  const onEvent = (event: RecoverEvent) => {
    if (event.kind === 'phase') ({ phase } = event);
    if (event.kind !== 'student') last = event;
    environment.onEvent?.(event);
  };
  return {
    environment: { ...environment, onEvent },
    doing: (depth) => describeDoing(phase, last, depth),
  };
}

const afterwards: Readonly<Record<Exclude<Phase, 'expand'>, { underWay: string; next: string }>> = {
  query: {
    underWay: 'the first queries, and those for the row space of the first layer',
    next: 'students with one hidden layer',
  },
  cluster: {
    underWay: 'the clustering of students at the floor',
    next: 'the reconstruction, the last descent and the certificate',
  },
  reconstruct: {
    underWay: 'the reconstruction from students at the floor',
    next: 'the last descent and the certificate',
  },
  polish: { underWay: 'the last descent', next: 'the certificate' },
  certify: { underWay: 'the certificate', next: 'the verdict' },
};

function describeDoing(
  phase: Phase,
  last: RecoverEvent | undefined,
  depth: ResolvedOptions['depth'],
): { underWay: string; next: string } {
  if (phase !== 'expand') return afterwards[phase];
  if (last?.kind === 'trace') {
    return {
      underWay: `the search for the neurons of hidden layer ${last.layer} in the far field, of which ${last.neurons} are found`,
      next: 'students behind them',
    };
  }
  if (last?.kind !== 'wave') return { underWay: 'a look at the far field', next: 'students' };
  const { width, widths = [width], spread } = last;
  const deeper = depth === 1 ? '' : ', and networks with more hidden layers';
  return {
    underWay: `students of ${widths.join('-')} neurons on queries of spread ${spread}`,
    next: widths.length > 1 ? 'wider and deeper ones' : `wider ones and other spreads${deeper}`,
  };
}
