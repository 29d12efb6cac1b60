import { fileURLToPath } from 'node:url';
import { randomStream } from '../src/base/random.js';
import { forward, type Network, recover } from '../src/node.js';
import { readNetwork } from '../src/run/read-network.js';
import { type BenchContext, missing } from './contest.js';
import { startPeer } from './peer.js';

/** Examples that are recovered. */
const targets = ['tanh-8-4-1', 'sigmoid-4-4-2', 'gelu-8-6-3', 'relu-8-6-1', 'softplus-16-8-1'];

/** Samples that the baseline trains on, and the standard deviation of their inputs: that of our first students. */
const baselineSamples = 10_000;
const baselineSpread = 2;

/** Hidden neurons of the baseline's students as a multiple of the target's, which ours are not told. */
const expansion = 4;

/**
 * Whole recoveries of examples, beside students that are trained in the usual way by PyTorch on as many threads: as
 * many as the recovery trained, four times as wide as the target, until the best is down to the loss of the recovery
 * or the time is over. Both are told the activation.
 */
export async function benchRecovery(context: BenchContext): Promise<void> {
  const peer = await startPeer('recovery', context.python, 'all');
  if (peer === undefined) context.note(missing('PyTorch', 'python3-torch'));
  context.head('recovery', peer?.version ?? 'PyTorch');
  try {
    for (const name of context.quick ? targets.slice(0, 1) : targets) {
      const file = fileURLToPath(new URL(`../../examples/${name}.onnx`, import.meta.url));
      const network = await readNetwork(file);
      const inputDimension = network.layers[0].inputs;
      const start = performance.now();
      const recovery = await recover((inputs, count) => forward(network, inputs, count), {
        inputDimension,
        activation: network.activation,
        seed: 1,
        threads: context.threads,
      });
      const seconds = (performance.now() - start) / 1e3;
      const students = recovery.evidence.students.length;
      const loss = recovery.loss ?? Number.NaN;
      const baseline = await peer?.ask({
        ...baselineData(network),
        activation: network.activation,
        hidden: expansion * network.layers[0].outputs,
        students,
        goal: loss,
        seconds: context.baselineSeconds,
        threads: context.threads,
        seed: 1,
      });
      context.row({
        part: 'recovery',
        name: `${name}, ${students} students, ${recovery.verdict}`,
        simd: null,
        relaxed: seconds,
        peer: baseline === undefined ? null : Number(baseline.seconds),
        operations: 0,
        losses: { ours: loss, peer: baseline === undefined ? null : Number(baseline.loss) },
      });
    }
  } finally {
    peer?.close();
  }
}

/** Normal inputs and the target's answers, divided by their standard deviation, so that losses compare. */
function baselineData(network: Network) {
  const { inputs: d } = network.layers[0];
  const random = randomStream(1, 'bench', 'recovery');
  const inputs = Float64Array.from({ length: baselineSamples * d }, () => baselineSpread * random.normal());
  const outputs = forward(network, inputs, baselineSamples);
  const o = outputs.length / baselineSamples;
  for (let i = 0; i < o; i++) {
    const own = outputs.filter((_, index) => index % o === i);
    const mean = own.reduce((sum, value) => sum + value, 0) / baselineSamples;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / baselineSamples;
    for (let n = 0; n < baselineSamples; n++) outputs[n * o + i] /= Math.sqrt(variance);
  }
  return { inputs: [...inputs], outputs: [...outputs], count: baselineSamples };
}
