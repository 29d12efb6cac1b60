// Writes onnx-runtime.json: small models with one operator or one form of graph each, and what ONNX Runtime
// answers to a few inputs. Run from the repository's root after a build: node test/golden/onnx-runtime-golden.mjs
import { writeFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import * as loaded from 'onnxruntime-web';
import { roundToHalf } from '../../dist/src/files/data/half.js';
import { ModelProtoSchema } from '../../dist/src/files/onnx/onnx_pb.js';

const runtime = loaded.InferenceSession ? loaded : loaded.default;
runtime.env.wasm.numThreads = 1;
runtime.env.logLevel = 'error';

const [FLOAT, INT64, HALF, DOUBLE] = [1, 7, 10, 11];
let state = 20;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 30 - 1;
};
const numbers = (count, scale = 1.5) => Array.from({ length: count }, () => Math.fround(scale * random()));

/** The bits of a number of half precision. */
function halfBits(x) {
  const value = roundToHalf(x);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | (size / 2 ** (exponent - 10) - 1024);
}

function tensor(name, dims, values, type = FLOAT) {
  const stored = {
    [FLOAT]: () => ({ floatData: values }),
    [INT64]: () => ({ int64Data: values.map(BigInt) }),
    [HALF]: () => ({ int32Data: values.map(halfBits) }),
    [DOUBLE]: () => ({ doubleData: values }),
  }[type]();
  return { name, dims: dims.map(BigInt), dataType: type, ...stored };
}
const list = (name, ...values) => tensor(name, [values.length], values, INT64);

function attribute(name, value) {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { name, type: 2, i: BigInt(value) };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('floats' in value) return { name, type: 6, floats: value.floats };
  return { name, type: 7, ints: value.map(BigInt) };
}
function node(opType, input, output, attributes = {}, domain = '') {
  return {
    opType,
    domain,
    name: `${opType} ${[output].flat()[0]}`,
    input: [input].flat(),
    output: [output].flat(),
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}
function info(name, elemType, axes) {
  const dim = axes?.map((n) => ({
    value: typeof n === 'number' ? { case: 'dimValue', value: BigInt(n) } : { case: 'dimParam', value: n },
  }));
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim && { shape: { dim } }) } } },
  };
}
function modelBytes({ axes, type, nodes, tensors, outputs, outputType, outputAxes, opset, inputs }) {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: BigInt(opset) }, { domain: 'ai.onnx.ml', version: 2n }],
    graph: {
      name: 'case',
      node: nodes,
      initializer: tensors,
      input: [info('x', type, axes), ...(inputs ?? [])],
      output: outputs.map((name) => (name === 'map' ? { name } : info(name, outputType, outputAxes))),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** The JavaScript interface gives no maps: what goes into them is asked for. */
const withoutMap = ({ nodes }, asked) => ({
  nodes: nodes.filter(({ opType }) => opType !== 'ZipMap'),
  outputs: [asked],
  outputType: FLOAT,
});

const cases = [];

/** One case: `asked` is the output that ONNX Runtime is asked for, where it cannot give the file's own. */
async function add(name, parts, count = 4) {
  const { axes = ['batch', 4], type = FLOAT, asked, ...rest } = parts;
  const whole = { axes, type, tensors: [], outputs: ['y'], outputType: type, opset: 17, ...rest };
  const session = await runtime.InferenceSession.create(
    modelBytes(asked ? { ...whole, ...withoutMap(whole, asked) } : whole),
    { executionProviders: ['wasm'], logSeverityLevel: 3, graphOptimizationLevel: 'disabled' },
  );
  const shape = axes.map((n) => (typeof n === 'number' ? n : 1));
  const width = shape.reduce((product, n) => product * n, 1);
  const inputs = [];
  const outputs = [];
  for (let query = 0; query < count; query++) {
    const x = parts.positive ? numbers(width).map((value) => Math.fround(Math.abs(value) + 1)) : numbers(width);
    const values = type === HALF ? x.map(roundToHalf) : x;
    const data = { [FLOAT]: () => Float32Array.from(values), [DOUBLE]: () => Float64Array.from(values),
      [HALF]: () => Uint16Array.from(values, halfBits) }[type]();
    const kind = { [FLOAT]: 'float32', [DOUBLE]: 'float64', [HALF]: 'float16' }[type];
    const feeds = { x: new runtime.Tensor(kind, data, shape) };
    for (const { name: other } of parts.inputs ?? []) {
      feeds[other] = new runtime.Tensor('float32', Float32Array.from(parts.held[other]), [1, parts.held[other].length]);
    }
    const { [asked ?? whole.outputs[0]]: answer } = await session.run(feeds);
    const halves = answer.type === 'float16';
    inputs.push(values);
    outputs.push(Array.from(answer.data, (value) => (halves ? fromHalf(value) : Number(value))));
  }
  const model = Buffer.from(modelBytes(whole)).toString('base64');
  cases.push({ name, model, type: kindOf(type), inputs, outputs, ...(parts.held && { hold: parts.held }) });
}
const kindOf = (type) => (type === DOUBLE ? 'float64' : 'float32');
function fromHalf(bits) {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
const one = (name, op, attributes = {}, more = {}) =>
  add(name, { nodes: [node(op, ['x', ...(more.tensors ?? []).map((t) => t.name)], 'y', attributes)], ...more });

// functions entry by entry
for (const op of ['Tan', 'Asinh', 'Floor', 'Ceil', 'Round', 'Sinh', 'Cosh']) await one(op, op);
await add('Round of halves', {
  nodes: [node('Round', 'x', 'r'), node('Mul', ['r', 'half'], 'h'), node('Round', 'h', 'y')],
  tensors: [tensor('half', [], [0.5])],
});
for (const op of ['Asin', 'Acos', 'Atanh']) {
  await add(op, { nodes: [node('Mul', ['x', 'half'], 'h'), node(op, 'h', 'y')], tensors: [tensor('half', [], [0.5])] });
}
await one('Acosh', 'Acosh', {}, { positive: true });
await one('ThresholdedRelu', 'ThresholdedRelu', { alpha: { float: 0.5 } });
await one('Shrink', 'Shrink', { bias: { float: 0.25 }, lambd: { float: 0.5 } });
for (const op of ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']) {
  await add(`${op}, then Cast`, {
    nodes: [node('Round', 'x', 'r'), node(op, ['r', 'c'], 'b'), node('Cast', 'b', 'y', { to: 1 })],
    tensors: [tensor('c', [4], [0, 1, -1, 0])],
  });
}
for (const op of ['And', 'Or', 'Xor']) {
  await add(op, {
    nodes: [
      node('Greater', ['x', 'zero'], 'p'),
      node('Less', ['x', 'one'], 'q'),
      node(op, ['p', 'q'], 'b'),
      node('Not', 'b', 'n'),
      node('Where', ['n', 'x', 'other'], 'y'),
    ],
    tensors: [tensor('zero', [], [0]), tensor('one', [], [1]), tensor('other', [4], [5, 6, 7, 8])],
  });
}
await add('Mean', { nodes: [node('Mean', ['x', 'c', 'x'], 'y')], tensors: [tensor('c', [4], [1, 2, 3, 4])] });
await add('Cast to integers divides as integers', {
  nodes: [
    node('Mul', ['x', 'nine'], 'z'),
    node('Cast', 'z', 'i', { to: 7 }),
    node('Div', ['i', 'two'], 'd'),
    node('Cast', 'd', 'y', { to: 1 }),
  ],
  tensors: [tensor('nine', [], [9]), tensor('two', [], [2], INT64)],
});

// along axes
await one('Softmax', 'Softmax');
await one('Softmax of three axes', 'Softmax', { axis: 1 }, { axes: ['batch', 2, 3] });
await one('Softmax before operator set 13', 'Softmax', {}, { axes: ['batch', 2, 3], opset: 11 });
await one('LogSoftmax', 'LogSoftmax');
await one('LogSoftmax in float64', 'LogSoftmax', { axis: 1 }, { type: DOUBLE });
await one('Softmax in float64', 'Softmax', { axis: -1 }, { type: DOUBLE });
for (const op of ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'L1', 'L2', 'SumSquare', 'LogSumExp']) {
  const isSum = op === 'Sum';
  await one(`Reduce${op}`, `Reduce${op}`, isSum ? {} : { axes: [-1] }, isSum ? { tensors: [list('a', -1)] } : {});
}
await one('ReduceLogSum', 'ReduceLogSum', { axes: [1] }, { positive: true });
await one('ReduceMean of two axes', 'ReduceMean', { axes: [1, 3], keepdims: 0 }, { axes: ['batch', 2, 3, 2] });
await one('ArgMax', 'ArgMax', { axis: 1 }, { outputType: INT64 });
await one('ArgMin without its axis', 'ArgMin', { axis: -1, keepdims: 0 }, { outputType: INT64 });
await one('LpNormalization', 'LpNormalization', { axis: 1, p: 1 });
await one('LpNormalization by squares', 'LpNormalization');
const scale = tensor('scale', [4], [1, 0.5, -2, 1.25]);
const shift = tensor('shift', [4], [0, 0.25, -0.5, 3]);
await one('LayerNormalization', 'LayerNormalization', { epsilon: { float: 1e-3 } }, { tensors: [scale, shift] });
await one('LayerNormalization without a shift', 'LayerNormalization', {}, { tensors: [scale] });
await one('LayerNormalization in float64', 'LayerNormalization', {}, {
  type: DOUBLE,
  tensors: [tensor('scale', [4], [1, 0.5, -2, 1.25], DOUBLE)],
});
await one('RMSNormalization', 'RMSNormalization', {}, { tensors: [scale], opset: 23 });

// entries that move
await one('Slice', 'Slice', {}, { tensors: [list('s', 3), list('e', -(2 ** 31)), list('a', 1), list('t', -2)] });
await one('Slice of a part', 'Slice', {}, { tensors: [list('s', 1), list('e', -1), list('a', 1)] });
await one('Slice by attributes', 'Slice', { axes: [1, 2], starts: [0, -2], ends: [1, 100] }, { axes: ['batch', 2, 3], opset: 9 });
await add('Split, joined the other way round', {
  nodes: [node('Split', ['x', 'sizes'], ['a', 'b'], { axis: 1 }), node('Concat', ['b', 'a'], 'y', { axis: 1 })],
  tensors: [list('sizes', 1, 3)],
});
await add('Split in halves', {
  nodes: [node('Split', 'x', ['a', 'b'], { axis: -1 }), node('Sigmoid', 'b', 's'), node('Mul', ['a', 's'], 'y')],
  opset: 11,
});
await add('Split by attribute', {
  nodes: [node('Split', 'x', ['a', 'b'], { axis: 1, split: [3, 1] }), node('Add', ['a', 'b'], 'y')],
  opset: 11,
});
await one('Gather of columns', 'Gather', { axis: 1 }, { tensors: [list('columns', 3, 0, -1)] });
await add('Gather of one column', {
  nodes: [node('Gather', ['x', 'column'], 'c', { axis: 2 }), node('Exp', 'c', 'y')],
  tensors: [tensor('column', [], [1], INT64)],
  axes: ['batch', 2, 3],
});
await one('Transpose of rows', 'Transpose', { perm: [0, 2, 1] }, { axes: ['batch', 2, 3] });
await one('Transpose of one query', 'Transpose', {}, { axes: [1, 2, 3] });
await add('Concat with a constant and along the middle', {
  nodes: [node('Concat', ['x', 'c', 'x'], 'y', { axis: 1 })],
  axes: ['batch', 2, 3],
  tensors: [tensor('c', [1, 1, 3], [7, 8, 9])],
});
await add('Concat of one value', { nodes: [node('Concat', 'x', 'z', { axis: 1 }), node('Tanh', 'z', 'y')] });
await add('Expand', { nodes: [node('Expand', ['x', 'to'], 'y')], axes: [1, 3], tensors: [list('to', 2, 3)] });
await add('ConstantOfShape', {
  nodes: [
    node('Shape', 'x', 's'),
    node('ConstantOfShape', 's', 'zeros'),
    node('Concat', ['x', 'zeros'], 'y', { axis: 1 }),
  ],
});

// forms of graphs
const w = tensor('w', [4, 3], numbers(12));
const b = tensor('b', [3], numbers(3));
const v = tensor('v', [3, 2], numbers(6));
await add('a constant after its use', {
  nodes: [
    node('MatMul', ['x', 'w'], 'z'),
    node('Add', ['z', 'k'], 'a'),
    { ...node('Constant', [], 'k'), attribute: [{ name: 'value', type: 4, t: b }] },
    node('Tanh', 'a', 't'),
    node('MatMul', ['t', 'v'], 'y'),
  ],
  tensors: [w, v],
});
await add('an input of one axis', {
  nodes: [node('MatMul', ['x', 'w'], 'z'), node('Add', ['z', 'b'], 'a'), node('Relu', 'a', 'r'), node('MatMul', ['r', 'v'], 'y')],
  axes: [4],
  tensors: [w, b, v],
});
await add('weights on the left of a column', {
  nodes: [node('MatMul', ['l', 'x'], 'z'), node('Tanh', 'z', 'y')],
  axes: [4, 1],
  outputAxes: [3, 1],
  tensors: [tensor('l', [3, 4], numbers(12))],
});
await add('an input with leading ones', {
  nodes: [node('MatMul', ['x', 'w'], 'z'), node('Add', ['z', 'b'], 'a'), node('Sigmoid', 'a', 's'), node('Squeeze', 's', 'q'), node('MatMul', ['q', 'v'], 'y')],
  axes: [1, 1, 4],
  tensors: [w, b, v],
});
await add('weights applied to every row of a query', {
  nodes: [node('MatMul', ['x', 'w'], 'z'), node('Tanh', 'z', 'y')],
  axes: ['batch', 3, 4],
  tensors: [w],
});
await add('another input, held', {
  nodes: [node('Concat', ['x', 'state'], 'c', { axis: 1 }), node('MatMul', ['c', 'm'], 'z'), node('Tanh', 'z', 'y')],
  tensors: [tensor('m', [6, 2], numbers(12))],
  inputs: [info('state', FLOAT, ['batch', 2])],
  held: { state: [0.5, -1.5] },
});
await add('float16', {
  nodes: [node('Gemm', ['x', 'w', 'b'], 'z'), node('Tanh', 'z', 't'), node('MatMul', ['t', 'v'], 'y')],
  type: HALF,
  tensors: [
    tensor('w', [4, 3], numbers(12), HALF),
    tensor('b', [3], numbers(3), HALF),
    tensor('v', [3, 2], numbers(6), HALF),
  ],
});
const classifier = [
  node('Scaler', 'x', 'scaled', { offset: { floats: [1, 0, -0.5, 2] }, scale: { floats: [0.5, 2, 1, 0.25] } }, 'ai.onnx.ml'),
  node('Cast', 'scaled', 'floats', { to: 1 }),
  node('MatMul', ['floats', 'w'], 'product'),
  node('Add', ['product', 'b'], 'sum'),
  node('Relu', 'sum', 'hidden'),
  node('MatMul', ['hidden', 'u'], 'logit'),
  node('Sigmoid', 'logit', 'positive'),
  node('Sub', ['one', 'positive'], 'negative'),
  node('Concat', ['negative', 'positive'], 'probabilities', { axis: 1 }),
  node('ArgMax', 'probabilities', 'place', { axis: 1 }),
  node('ZipMap', 'probabilities', 'map', { classlabels_int64s: [0, 1] }, 'ai.onnx.ml'),
];
await add('a classifier of scikit-learn', {
  nodes: classifier,
  outputs: ['place', 'map'],
  outputType: INT64,
  asked: 'probabilities',
  tensors: [w, b, tensor('u', [3, 1], numbers(3)), tensor('one', [], [1])],
});
for (const norm of ['MAX', 'L1', 'L2']) {
  await add(`Normalizer ${norm}`, { nodes: [node('Normalizer', 'x', 'y', { norm }, 'ai.onnx.ml')], positive: true });
}
await add('LabelEncoder', {
  nodes: [
    node('ArgMax', 'x', 'place', { axis: 1 }),
    node('LabelEncoder', 'place', 'y', { keys_int64s: [0, 1, 2, 3], values_floats: { floats: [10, 20, 40, 80] } }, 'ai.onnx.ml'),
  ],
});

writeFileSync(new URL('onnx-runtime.json', import.meta.url), `${JSON.stringify(cases)}\n`);
console.log(`${cases.length} cases`);
