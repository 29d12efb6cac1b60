import { loadKernels } from '../../src/kernels/load.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { arithmeticOf } from '../../src/queue/arithmetic.js';
import { connect } from '../../src/queue/connect.js';
import { fitKind } from '../../src/queue/fitter.js';
import { startQueueWorker } from '../../src/queue/worker.js';

// A worker that no student survives: it ends as soon as it has begun one, as where memory is short.
const connection = await connect(parseQueueAddress(process.argv[2]));
await startQueueWorker({
  connection,
  arithmetic: arithmeticOf(loadKernels()),
  threads: 1,
  patience: 1,
  kinds: new Map([
    [
      fitKind,
      {
        run: async () => process.kill(process.pid, 'SIGKILL'),
        describe: () => 'the last one',
        close: async () => {},
      },
    ],
  ]),
  notify: () => {},
});
process.stderr.write('takes jobs\n');
