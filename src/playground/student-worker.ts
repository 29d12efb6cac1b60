import { serveJobs } from '../execute/serve-jobs.js';
import type { FromWorker, ToWorker } from '../execute/worker-protocol.js';
import { loadKernels } from '../kernels/load.js';

const scope = self as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: (event: { readonly data: ToWorker }) => void;
};

const serve = serveJobs(loadKernels(), (message) => scope.postMessage(message));
scope.onmessage = ({ data }) => serve(data);
