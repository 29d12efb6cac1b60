import type { Head } from '../../network/head.js';
import type { GraphWriter } from './onnx-nodes.js';

/** Appends a head to the sums `x`: Softmax, LogSoftmax, Sigmoid, Tanh or Clip, with what scales them; names its result `output`. */
export function writeHead(graph: GraphWriter, head: Head, x: string, output: string): void {
  if (head.name === 'softmax') graph.apply('Softmax', [x], { axis: -1 }, output);
  else if (head.name === 'log-softmax') graph.apply('LogSoftmax', [x], { axis: -1 }, output);
  else if (head.name === 'sigmoid') graph.apply('Sigmoid', [x], {}, output);
  else if (head.name === 'tanh') writeTanh(graph, head, x, output);
  else writeClip(graph, head, x, output);
}

function writeTanh(graph: GraphWriter, { lower, upper }: Head, x: string, output: string): void {
  const o = [lower.length];
  if (lower.every((limit, k) => limit === -1 && upper[k] === 1)) {
    graph.apply('Tanh', [x], {}, output);
    return;
  }
  const scale = graph.tensor(
    'head.scale',
    o,
    lower.map((limit, k) => (upper[k] - limit) / 2),
  );
  const shift = graph.tensor(
    'head.shift',
    o,
    lower.map((limit, k) => (upper[k] + limit) / 2),
  );
  graph.apply('Add', [graph.apply('Mul', [graph.apply('Tanh', [x]), scale]), shift], {}, output);
}

function writeClip(graph: GraphWriter, { lower, upper }: Head, x: string, output: string): void {
  const o = [lower.length];
  const isSame = (limits: Float64Array) => limits.every((limit) => limit === limits[0]);
  if (isSame(lower) && isSame(upper)) {
    const bound = (limit: number) => (Number.isFinite(limit) ? graph.constant(limit) : '');
    const bounds = [bound(lower[0]), bound(upper[0])];
    graph.apply('Clip', [x, ...(bounds[1] === '' ? bounds.slice(0, 1) : bounds)], {}, output);
    return;
  }
  // Clip has one limit for all outputs
  const above = graph.apply('Max', [x, graph.tensor('head.lower', o, lower)]);
  graph.apply('Min', [above, graph.tensor('head.upper', o, upper)], {}, output);
}
