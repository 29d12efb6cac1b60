// Checks by hand that ONNX Runtime loads the ONNX files that we write and gives the outputs that we compute,
// for every activation. ONNX Runtime is no dependency of this project: install it somewhere, then say where.
//   npm install --prefix ../onnxruntime onnxruntime-web
//   node scripts/build.mjs && node scripts/check-onnxruntime.mjs ../onnxruntime
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodeOnnx } from '../dist/src/files/export/onnx.js';
import { activationNames } from '../dist/src/network/activations.js';
import { forward } from '../dist/src/network/forward.js';

const folder = resolve(process.argv[2] ?? '.');
let runtime;
try {
  const file = createRequire(join(folder, 'package.json')).resolve('onnxruntime-web');
  const loaded = await import(pathToFileURL(file).href);
  runtime = loaded.InferenceSession ? loaded : loaded.default;
} catch (error) {
  console.log(`onnxruntime-web is not installed in ${folder}: ${error.message.split('\n')[0]}`);
  process.exit(2);
}

const sizes = [3, 7, 5, 2];
const count = 2001;
const wave = (length, frequency, height) =>
  Float64Array.from({ length }, (_, i) => height * Math.sin(frequency * (i + 1)));
const inputs = wave(count * sizes[0], 1.7, 4).map((x, i) => (i < 300 ? 1e3 * x : i < 600 ? 10 * x : x));

let failures = 0;
for (const activation of activationNames) {
  const layers = sizes.slice(1).map((outputs, index) => ({
    inputs: sizes[index],
    outputs,
    weights: wave(outputs * sizes[index], 2.3 + index, 0.8),
    biases: wave(outputs, 0.9 + index, 0.5),
  }));
  const network = { activation, slope: 0.1, layers };
  let error = Number.POSITIVE_INFINITY;
  let reason = '';
  try {
    const session = await runtime.InferenceSession.create(encodeOnnx(network));
    const input = new runtime.Tensor('float64', inputs, [count, sizes[0]]);
    const { output } = await session.run({ input });
    if (output.type !== 'float64') throw new Error(`the output is ${output.type}`);
    error = largestError(output.data, forward(network, inputs, count));
  } catch (failure) {
    reason = failure.message;
  }
  if (!(error <= 1e-13)) failures++;
  const result = `largest relative difference ${error.toExponential(1)} ${reason}`;
  console.log(`${error <= 1e-13 ? 'ok  ' : 'FAIL'} ${activation.padEnd(10)} ${result}`);
}
console.log(`${activationNames.length - failures} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;

/** Largest difference of two outputs (count × o), relative to the row's largest input or output, or to 1. */
function largestError(found, expected) {
  const [d, o] = [sizes[0], sizes.at(-1)];
  let largest = found.length === expected.length ? 0 : Number.NaN;
  for (const [i, value] of expected.entries()) {
    const row = Math.floor(i / o);
    const scale = Math.max(1, Math.abs(value), ...inputs.subarray(row * d, row * d + d).map(Math.abs));
    const error = Math.abs(value - found[i]) / scale;
    largest = Math.max(largest, error); // NaN stays
  }
  return largest;
}
