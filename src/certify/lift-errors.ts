import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { joined } from '../numeric/join.js';
import type { Identifiability } from './identifiability.js';
import { type OutsideErrors, withOutsideErrors } from './outside-errors.js';

/** What is known of all weights in the whole input space, from what is known inside a subspace and outside of it. */
export function liftErrors(
  inside: Identifiability,
  network: DeepNetwork,
  { whole, ...outside }: OutsideErrors & { readonly whole: DeepNetwork },
): Identifiability {
  const own = firstTwo(network);
  const lifted = firstTwo(whole);
  const end = own.parameters.length;
  const first = withOutsideErrors(
    { ...inside, standardErrors: inside.standardErrors.subarray(0, end) },
    own.shape,
    lifted,
    outside,
  );
  const others = inside.standardErrors.subarray(end);
  const standardErrors = joined([first.standardErrors, others]);
  return { ...first, parameters: whole.parameters.length, standardErrors };
}

/** The first hidden layer and the next one's weights, as a network with one hidden layer. */
function firstTwo({ shape, parameters }: DeepNetwork) {
  const { inputs, activation, slope } = shape;
  const [first, next] = deepBlocks(shape);
  return {
    shape: { inputs, hidden: first.rows, outputs: next.rows, activation, slope, skip: false },
    parameters: parameters.subarray(0, next.at + next.rows * next.columns),
  };
}
