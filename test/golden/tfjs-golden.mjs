// Writes tfjs.json: layers models as TensorFlow.js saves them, and what it answers. TensorFlow.js is no dependency
// of this project: copy this file into a folder where it is installed, and say where the answers go.
//   npm install --prefix ../tfjs @tensorflow/tfjs && cp test/golden/tfjs-golden.mjs ../tfjs/
//   node ../tfjs/tfjs-golden.mjs test/golden/tfjs.json
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';

const out=[];
async function save(name, model) {
  const saved = {};
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }];
      saved.json = JSON.stringify({ modelTopology, format: 'layers-model', weightsManifest });
      saved.weights = Buffer.from(weightData).toString('base64');
      return { modelArtifactsInfo: {} };
    }),
  );
  const inputs = Array.from({ length: 4 }, (_, n) =>
    Array.from({ length: 3 }, (_, i) => Math.fround(2 * Math.sin(1 + (3 * n + i) * 1.3))),
  );
  out.push({ name, ...saved, inputs, outputs: await model.predict(tf.tensor2d(inputs)).array() });
}
let seed=1; const init=()=>tf.initializers.randomNormal({seed:seed++,stddev:0.8});
const dense=(units,activation,more={})=>tf.layers.dense({units,activation,kernelInitializer:init(),biasInitializer:init(),...more});
for (const a of ['relu','tanh','sigmoid','softplus','softsign','elu','selu','swish','mish','gelu','hardSigmoid']) await save(a+', softmax',tf.sequential({layers:[dense(4,a,{inputShape:[3]}),dense(3,'softmax')]})) ;
await save('layers of their own',tf.sequential({layers:[dense(5,undefined,{inputShape:[3]}),tf.layers.leakyReLU({alpha:0.2}),tf.layers.batchNormalization({betaInitializer:init(),gammaInitializer:init(),movingMeanInitializer:init()}),tf.layers.dropout({rate:0.5}),dense(4,undefined,{useBias:false}),tf.layers.elu(),dense(2,'linear'),tf.layers.activation({activation:'tanh'})]})) ;
await save('PReLU and ReLU',tf.sequential({layers:[dense(5,undefined,{inputShape:[3]}),tf.layers.prelu({alphaInitializer:init()}),dense(4),tf.layers.reLU(),dense(2),tf.layers.softmax()]})) ;
{ const i=tf.input({shape:[3]}); const h=dense(4,'tanh').apply(i); const y=dense(2).apply(h); await save('a functional chain',tf.model({inputs:i,outputs:y})) ; }
writeFileSync(process.argv[2],JSON.stringify(out)+'\n'); console.log(out.length);
