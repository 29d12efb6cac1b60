import type { Stop } from '../base/stop.js';
import type { Accuracy } from '../certify/allowance.js';
import type { CertifyInput } from '../certify/certify.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Fitter } from '../optimise/fit.js';
import type { Collection } from '../query/collect.js';
import type { Source } from '../query/source.js';

/** What the ending of a recovery needs, whatever its depth. */
export interface EndingContext {
  readonly seed: number;
  readonly source: Source;
  readonly accuracy: Accuracy;
  /** Relative error of the answers, from noise or rounding. */
  readonly relativeError: number;
  /** Queries of the whole input space. */
  readonly whole: Collection;
  /** Spread of the samples that the network was fitted to. */
  readonly spread: number;
  readonly fitter: Fitter;
  readonly kernels: Kernels;
  /** Ends what takes long between two queries; missing where nothing does. */
  readonly stop?: Stop;
}

/** A polished network with what its certificate is made from. */
export type Polished = Omit<CertifyInput, 'frame' | 'heldOut' | 'accuracy'>;
