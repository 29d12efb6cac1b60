import type { DeepShape } from '../network/deep.js';
import { allowedMean } from './allowance.js';
import type { Certificate, Judgement } from './certificate.js';
import { describeOpen } from './open-weights.js';
import { listNumbers } from './unseen.js';

/**
 * What the affine path told about the signs of even + linear neurons, or that two others are mirror images of each other
 * beside a path (`hasMirroredPair`), or that one behind the first layer may do for two (`mayMergeMirrored`); undefined where nothing speaks of signs.
 */
export type SignsOutcome =
  | { readonly kind: 'resolved' | 'tied' | 'ambiguous' | 'linear-path' | 'mirrored' | 'mergeable' }
  | undefined;

/** Weights whose standard error is larger than this, relative to their neuron, are not called identified. */
export const largestAcceptedError = 1e-3;

/** Whether rounding, noise and the weights' standard errors explain the error on held-out queries. */
export function isAtFloor({
  heldOut,
}: {
  readonly heldOut: Pick<Certificate['heldOut'], 'relativeError' | 'allowed'>;
}): boolean {
  return heldOut.relativeError <= heldOut.allowed;
}

/** Whether rounding and noise explain what is left on the fitted samples: a misfit is neither. */
export function isFittedToFloor({
  loss,
  floor,
  noise,
}: Pick<Certificate, 'loss' | 'floor' | 'noise'>): boolean {
  return loss <= allowedMean(floor - noise, noise, 0);
}

/** Neurons of each hidden layer (from 0) with a larger error than is accepted, in words. */
function badlyKnown({ unseen }: Certificate): string {
  return unseen
    .flatMap(({ uncertain }, layer) => {
      const neurons = uncertain
        .filter(({ relativeError }) => !(relativeError <= largestAcceptedError))
        .map(({ neuron }) => neuron);
      if (neurons.length === 0) return [];
      return [`${listNumbers('neuron', neurons)}${unseen.length > 1 ? ` of hidden layer ${layer + 1}` : ''}`];
    })
    .join(' and ');
}

/** The neurons whose weights are not determined, as far as they can be told. */
function undetermined(certificate: Certificate): string {
  const { openWeights = [] } = certificate.identifiability;
  const neurons = badlyKnown(certificate) || describeOpen(openWeights, certificate.unseen.length);
  return neurons === '' ? '' : `, not those of ${neurons}`;
}

/**
 * Whether nothing speaks against a network but that the answers leave some of its weights open, or tell them badly: of
 * k2021_iris one neuron was active at so few inputs that they were known to 1,300 times their size, with full rank.
 */
export function leavesWeightsOpen(certificate: Certificate): boolean {
  const { byProducts, fullRank, largestRelativeError } = certificate.identifiability;
  const isBadlyKnown = !fullRank || !(largestRelativeError <= largestAcceptedError);
  return doubtOfAnswers(certificate, '') === undefined && byProducts === undefined && isBadlyKnown;
}

/** Where answers contradict the network, in words. */
function describeContradictions({ answers, region }: Certificate): string {
  const { contradicted, checked, largestError, allowedError, nearest } = answers;
  const share = `${contradicted} of the ${checked} different answers of this run contradict it`;
  const sizes = `by up to ${shown(largestError)} where ${shown(allowedError)} is allowed`;
  const where =
    region.kind === 'distances' && nearest > usualReach
      ? `; the nearest of them lies where inputs are about ${nearest.toPrecision(2)}: inside of that --bounds may do`
      : '';
  return `${share}, ${sizes}${where}`;
}

/**
 * The verdict that a certificate allows. `identified` needs everything: outputs right to the floor on queries
 * that nothing was fitted to, every weight determined by the data, no superfluous neuron.
 */
export function judge(
  certificate: Certificate,
  { widths, skip, residual, normalised }: Pick<DeepShape, 'widths' | 'skip' | 'residual' | 'normalised'>,
  signs: SignsOutcome,
  rivals: readonly string[],
): Judgement {
  const { heldOut, identifiability, floorCause: cause } = certificate;
  const isOne = widths.length === 1 && widths[0] === 1;
  const own = `${widths.join('-')} hidden neuron${isOne ? '' : 's'}`;
  const neurons = normalised ? `${own} behind a layer normalisation` : own;
  const path = residual ? 'linear paths past their layers' : 'a linear path beside them';
  const network = skip ? `${neurons} and ${path}` : neurons;
  const isSingular = isOne && !skip;
  const imitate = `${network} imitate${isSingular ? 's' : ''}`;
  const doubt =
    doubtOfSigns(signs, neurons, imitate, cause) ??
    doubtOfAnswers(certificate, imitate) ??
    doubtOfWeights(certificate, imitate, rivals);
  if (doubt !== undefined) return { verdict: 'imitated', reason: doubt };
  return {
    verdict: 'identified',
    reason: `${network} answer${isSingular ? 's' : ''} held-out queries to the target's ${cause} (relative error ${shown(heldOut.relativeError)}), none can be left out, and every weight is determined to ${shown(identifiability.largestRelativeError)} of its neuron${signs?.kind === 'tied' ? residualSigns : ''}`,
  };
}

/** Why signs that no answer tells are given as they are. */
const residualSigns =
  '; of the signs of its second layer, which no answer tells beside a path, they are those with which the layer is residual';

/** What speaks against the weights because of the neurons' signs, in words. */
function doubtOfSigns(
  signs: SignsOutcome,
  neurons: string,
  imitate: string,
  cause: string,
): string | undefined {
  if (signs?.kind === 'linear-path') {
    return `${neurons} and an affine path imitate the target to its ${cause}, but no choice of the neurons' signs explains that path: the target has a linear path of its own, or neurons that were affine wherever it was seen, and only the sum of path and mirrored neurons can be known`;
  }
  if (signs?.kind === 'mirrored') {
    return `${imitate} the target to its ${cause}, but two of the neurons are mirror images of each other: beside a linear path one neuron of another activation may give what both do`;
  }
  if (signs?.kind === 'mergeable') {
    return `${imitate} the target to its ${cause}, but two of the neurons lie on both sides of one hyperplane: one of them, beside a linear path past their layer or a neuron that is affine wherever it was seen, may give what both do`;
  }
  if (signs?.kind === 'ambiguous') {
    return `${imitate} the target, but more than one choice of their signs explains its affine part`;
  }
  return undefined;
}

/** What speaks against the weights because of the answers, in words. */
function doubtOfAnswers(certificate: Certificate, imitate: string): string | undefined {
  const { heldOut, floorCause: cause } = certificate;
  if (!isFittedToFloor(certificate)) {
    const { loss, floor } = certificate;
    return `${imitate} the target, but what is left on the fitted samples is ${shown(loss / floor)} times what ${cause} explains, and a misfit is no ${cause}: a neuron may be missing, or two are taken for one`;
  }
  if (!isAtFloor(certificate)) {
    return `${imitate} the target to a relative error of ${shown(heldOut.relativeError)} on held-out queries, but ${cause} and the weights' standard errors explain only ${shown(heldOut.expected)}`;
  }
  if (certificate.answers.contradicted > 0) {
    return `${imitate} the target to its ${cause} on held-out queries, but ${describeContradictions(certificate)}`;
  }
  return undefined;
}

/** What speaks against the weights though the answers are right, in words. */
function doubtOfWeights(
  certificate: Certificate,
  imitate: string,
  rivals: readonly string[],
): string | undefined {
  const { identifiability, minimal, floorCause: cause } = certificate;
  const open = identifiability.byProducts?.open;
  if (open !== undefined) {
    return `${imitate} the target to its ${cause}, but it is not shown that no other weights do so as well: ${open}`;
  }
  if (!identifiability.fullRank) {
    return `${imitate} the target to its ${cause}, but other weights do so as well: the data do not determine every weight${undetermined(certificate)}`;
  }
  // estimates may be too small by half
  const margin = identifiability.byProducts === undefined ? 1 : 2;
  if (!(margin * identifiability.largestRelativeError <= largestAcceptedError)) {
    return `${imitate} the target to its ${cause}, but the weights of ${badlyKnown(certificate) || 'some neurons'} are known only to ${shown(identifiability.largestRelativeError)} of their size`;
  }
  if (rivals.length > 0) {
    return `${imitate} the target to its ${cause}, but as many ${rivals.join(' or ')} neurons do so as well: the activation is ambiguous`;
  }
  if (certificate.slopeIsFitted && cause !== 'rounding') {
    return `${imitate} the target to its ${cause}, but the leaky slope was fitted too, and the weights' standard errors do not include its error`;
  }
  if (!minimal) {
    return `${imitate} the target to its ${cause}, but fewer may do so as well`;
  }
  return undefined;
}

const shown = (value: number) => value.toExponential(1);

/** Contradictions nearer than this are not those of a bend far out, or of inputs that are clipped. */
const usualReach = 2;
