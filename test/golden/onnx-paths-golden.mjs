// Writes onnx-paths.json: networks whose layers are passed by paths, as graphs that people export, and what ONNX Runtime
// answers to a few inputs. Run from the repository's root after a build: node test/golden/onnx-paths-golden.mjs
import { writeFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import * as loaded from 'onnxruntime-web';
import { ModelProtoSchema } from '../../dist/src/files/onnx/onnx_pb.js';

const runtime = loaded.InferenceSession ? loaded : loaded.default;
runtime.env.wasm.numThreads = 1;
runtime.env.logLevel = 'error';

let state = 7;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 30 - 1;
};
const numbers = (count) => Array.from({ length: count }, () => Math.fround(random()));

const tensors = [];
const tensor = (dims) => {
  const name = `t${tensors.length}`;
  const count = dims.reduce((product, n) => product * n, 1);
  tensors.push({ name, dims: dims.map(BigInt), dataType: 1, floatData: numbers(count) });
  return name;
};
const nodes = [];
const apply = (opType, input, attributes = {}, output = `v${nodes.length}`) => {
  nodes.push({
    opType,
    name: `${opType} ${output}`,
    input,
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, type: 2, i: BigInt(value) })),
  });
  return output;
};
const layer = (value, inputs, outputs) =>
  apply('Gemm', [value, tensor([outputs, inputs]), tensor([outputs])], { transB: 1 });
const matmul = (value, inputs, outputs) => apply('MatMul', [value, tensor([inputs, outputs])]);

const graphs = {
  'tanh beside a linear path': () => {
    const hidden = layer(apply('Tanh', [layer('x', 4, 3)]), 3, 2);
    apply('Add', [hidden, matmul('x', 4, 2)], {}, 'y');
  },
  'the path first, and taken away': () => {
    const path = layer('x', 4, 2);
    apply('Sub', [path, layer(apply('Relu', [layer('x', 4, 3)]), 3, 2)], {}, 'y');
  },
  'a residual layer': () => {
    const first = apply('Tanh', [layer('x', 4, 3)]);
    const second = apply('Add', [first, apply('Tanh', [layer(first, 3, 3)])]);
    apply('Identity', [layer(second, 3, 2)], {}, 'y');
  },
  'two residual layers, the activation before the matrix': () => {
    const first = layer('x', 4, 3);
    const second = apply('Add', [first, layer(apply('Sigmoid', [first]), 3, 3)]);
    const third = apply('Add', [second, layer(apply('Sigmoid', [second]), 3, 3)]);
    apply('Identity', [layer(third, 3, 2)], {}, 'y');
  },
  'softplus as operators, beside the inputs themselves': () => {
    const z = layer('x', 4, 4);
    const half = apply('Add', [apply('Relu', [z]), apply('Softplus', [apply('Neg', [apply('Abs', [z])])])]);
    apply('Add', [half, 'x'], {}, 'y');
  },
};

const info = (name, columns) => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: 1,
        shape: {
          dim: [
            { value: { case: 'dimParam', value: 'n' } },
            { value: { case: 'dimValue', value: BigInt(columns) } },
          ],
        },
      },
    },
  },
});

const result = [];
for (const [name, build] of Object.entries(graphs)) {
  tensors.length = 0;
  nodes.length = 0;
  build();
  const model = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        name: 'g',
        node: [...nodes],
        initializer: [...tensors],
        input: [info('x', 4)],
        output: [info('y', name.startsWith('softplus') ? 4 : 2)],
      },
    }),
  );
  const inputs = numbers(40).map((value) => Math.fround(3 * value));
  const session = await runtime.InferenceSession.create(model);
  const { y } = await session.run({ x: new runtime.Tensor('float32', inputs, [10, 4]) });
  result.push({ name, model: Buffer.from(model).toString('base64'), inputs, outputs: [...y.data] });
}
writeFileSync(
  new URL('onnx-paths.json', import.meta.url),
  `[\n${result.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`,
);
