// A layers model of TensorFlow.js: model.json with its files of weights beside. Needs: npm install @tensorflow/tfjs
//   MODEL=model.json npx eac recover examples/targets/tfjs-model.mjs --input-dimension 4 --activation relu
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

const { modelTopology, weightsManifest } = JSON.parse(readFileSync(process.env.MODEL, 'utf8'));
const parts = weightsManifest.flatMap(({ paths }) => paths);
const weightData = Buffer.concat(parts.map((path) => readFileSync(join(dirname(process.env.MODEL), path))));
const model = await tf.loadLayersModel(
  tf.io.fromMemory({
    modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.byteLength),
  }),
);

/** Many queries: `inputs` is count × inputs, row by row. */
export default function ask(inputs, count) {
  return tf.tidy(() => {
    const queries = tf.tensor2d(Float32Array.from(inputs), [count, inputs.length / count]);
    return Float64Array.from(model.predict(queries).dataSync());
  });
}
