import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../src/base/errors.js';
import { randomStream } from '../src/base/random.js';
import { readOnnxNetwork } from '../src/files/network/network-from-onnx.js';
import { type ActivationName, type OnnxModel, openOnnx, recover } from '../src/node.js';
import { type BenchContext, missing } from './contest.js';
import { startPeer } from './peer.js';

/** Examples that are recovered where no files are named. */
const examples = ['tanh-8-4-1', 'sigmoid-4-4-2', 'gelu-8-6-3', 'relu-8-6-1', 'softplus-16-8-1'];

/** Samples that the baseline trains on, and the standard deviation of their inputs: that of our first students. */
const baselineSamples = 10_000;
const baselineSpread = 2;

/** Hidden neurons of the baseline's students as a multiple of the target's, which ours are not told. */
const expansion = 4;

/** A target, with what the baseline is told of it. */
interface Target {
  readonly name: string;
  readonly model: OnnxModel;
  readonly activation: ActivationName;
  /** Neurons of its hidden layer. */
  readonly hidden: number;
}

/** Opens the target in an ONNX file; throws `InputError` for any that has not one hidden layer. */
async function openTarget(file: string): Promise<Target> {
  const bytes = await readFile(file).catch((cause) => {
    throw new InputError(`--targets: ${file} cannot be read (${cause.code})`, { cause });
  });
  const { activation, layers } = readOnnxNetwork(bytes, file);
  if (layers.length !== 2) {
    const found = `${layers.length - 1} hidden layers`;
    throw new InputError(`--targets: ${file} has ${found}, expected one: the baseline trains no others`);
  }
  const name = basename(file).replace(/\.onnx$/i, '');
  return { name, model: openOnnx(bytes, file), activation, hidden: layers[0].outputs };
}

/**
 * Whole recoveries, of examples or of the files that are named, beside students that are trained in the usual way by
 * PyTorch on as many threads: as many as the recovery trained, four times as wide as the target, until the best is
 * down to the loss of the recovery or the time is over. Both are told the activation.
 */
export async function benchRecovery(context: BenchContext): Promise<void> {
  const files =
    context.targets ??
    (context.quick ? examples.slice(0, 1) : examples).map((name) =>
      fileURLToPath(new URL(`../../examples/${name}.onnx`, import.meta.url)),
    );
  const targets = await Promise.all(files.map(openTarget));
  const peer = await startPeer('recovery', context.python, context.threads === 1 ? 1 : 'all');
  if (peer === undefined) context.note(missing('PyTorch', 'python3-torch'));
  context.head('recovery', peer?.version ?? 'PyTorch');
  try {
    for (const { name, model, activation, hidden } of targets) {
      const start = performance.now();
      const recovery = await recover((inputs, count) => model.evaluate(inputs, count), {
        inputDimension: model.inputDimension,
        activation,
        seed: 1,
        threads: context.threads,
      });
      const seconds = (performance.now() - start) / 1e3;
      const students = recovery.evidence.students.length;
      const loss = recovery.loss ?? Number.NaN;
      const baseline = await peer?.ask({
        ...baselineData(model),
        activation,
        hidden: expansion * hidden,
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
function baselineData({ inputDimension: d, outputDimension: o, evaluate }: OnnxModel) {
  const random = randomStream(1, 'bench', 'recovery');
  const inputs = Float64Array.from({ length: baselineSamples * d }, () => baselineSpread * random.normal());
  const outputs = evaluate(inputs, baselineSamples);
  for (let i = 0; i < o; i++) {
    const own = outputs.filter((_, index) => index % o === i);
    const mean = own.reduce((sum, value) => sum + value, 0) / baselineSamples;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / baselineSamples;
    for (let n = 0; n < baselineSamples; n++) outputs[n * o + i] /= Math.sqrt(variance);
  }
  return { inputs: [...inputs], outputs: [...outputs], count: baselineSamples };
}
