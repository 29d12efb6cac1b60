// Links vectors and says how much memory that took: a process of its own, as the most that a process ever held is
// all that the system tells. Its one argument is a `MemoryRequest`, its output a `MemoryAnswer`.
import { randomStream } from '../src/base/random.js';
import { loadKernels } from '../src/kernels/load.js';
import { scattered } from './samples.js';

/** Which vectors are linked. */
export type MemoryRequest =
  | { readonly kind: 'scattered'; readonly count: number; readonly dimension: number }
  | {
      readonly kind: 'students';
      readonly students: number;
      readonly hidden: number;
      /** Neurons that all students have. */
      readonly shared: number;
      readonly dimension: number;
      /** Height of the cut, relative to the length of a vector. */
      readonly limit: number;
    };

/** What it took. */
export interface MemoryAnswer {
  readonly seconds: number;
  /** The most that was held beyond what was held before. */
  readonly bytes: number;
  readonly merges: number;
  readonly highest: number;
}

function studentVectors(request: Extract<MemoryRequest, { kind: 'students' }>): Float64Array {
  const { students, hidden, shared, dimension } = request;
  const random = randomStream('bench', 'clusters');
  const scale = 1 / Math.sqrt(dimension);
  const target = Float64Array.from({ length: shared * dimension }, () => scale * random.normal());
  const vectors = new Float64Array(students * hidden * dimension);
  for (let s = 0; s < students; s++) {
    for (let j = 0; j < hidden; j++) {
      const sign = random.uniform() < 0.5 ? -1 : 1;
      for (let k = 0; k < dimension; k++) {
        const at = (s * hidden + j) * dimension + k;
        vectors[at] =
          j < shared ? sign * (target[j * dimension + k] + 1e-6 * random.normal()) : scale * random.normal();
      }
    }
  }
  return vectors;
}

const request = JSON.parse(process.argv[2]) as MemoryRequest;
const kernels = loadKernels();
kernels.linkVectors(scattered(200, 8), 200, 8, 'sign-free'); // compiles
const vectors =
  request.kind === 'scattered' ? scattered(request.count, request.dimension) : studentVectors(request);
const peak = () => 1024 * process.resourceUsage().maxRSS;
const before = peak();
const start = performance.now();
const linkage = kernels.linkVectors(
  vectors,
  vectors.length / request.dimension,
  request.dimension,
  request.kind === 'scattered' ? 'euclidean' : 'sign-free',
  request.kind === 'scattered' ? undefined : request.limit,
);
const answer: MemoryAnswer = {
  seconds: (performance.now() - start) / 1e3,
  bytes: peak() - before,
  merges: linkage.length / 4,
  highest: linkage[linkage.length - 2],
};
console.log(JSON.stringify(answer));
