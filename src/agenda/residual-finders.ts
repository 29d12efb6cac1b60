import { assembledFromRace } from '../deep/race-students.js';
import { searchResidual } from '../deep/search-residual.js';
import { activations } from '../network/activations.js';
import { mayBeginAround, ofRace } from './finders.js';
import { type Finding, foundIfIdentified, type Learnt } from './finding.js';
import { isBrief, type Prospects } from './prospects.js';

/** Whether layers may be seen past the next one: of any depth but one. */
export const mayBeResidual = (prospects: Prospects, { residual }: Pick<Learnt, 'residual'> = {}): boolean =>
  !isBrief(prospects) && residual !== 'none' && prospects.search.attempt.settings.depth !== 1;

/**
 * Whether rounded bends far out show several hidden layers of one activation that is smooth, even and linear: without
 * paths its students need twice as many neurons, and stall.
 */
export function mayBeResidualSoon(prospects: Prospects): boolean {
  const shown = prospects.look?.likely;
  if (shown === undefined || !mayBeginAround(prospects)) return false;
  return activations[shown].symmetry === 'even-linear' && !activations[shown].homogeneous;
}

/**
 * Of that activation students with paths are far ahead of those without where the target has them: after 60 iterations
 * they left 4e-8 to 0.1 of what those did of residual layers of gelu and silu in float32, and 3 to 9e6 of others.
 */
const farAhead = 0.2;

/** Residual layers of the activation that rounded bends show: a brief look, as contraction comes next. */
export async function findResidualSoon({ search, look }: Prospects): Promise<Finding> {
  const plan = { shown: look?.likely, toGoOn: farAhead, isBrief: true };
  const { find, next = 'none' } = await searchResidual(search, plan);
  const none = { kind: 'nothing', learnt: { residual: next } } as const;
  return find === undefined ? none : foundIfIdentified(assembledFromRace(find), () => none);
}

/** Residual layers, of the activation that the far field shows where it shows one, from where a first look ended. */
export async function findResidual({ search, look }: Prospects, { residual }: Learnt): Promise<Finding> {
  const shown = look?.isMixed ? undefined : look?.activation;
  const from = residual === 'none' ? undefined : residual;
  return ofRace((await searchResidual(search, { shown, from })).find);
}
