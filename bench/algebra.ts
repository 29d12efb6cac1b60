import { type Kernels, shallowParameterCount } from '../src/kernels/kernels.js';
import { type BenchContext, missing, startBuilds } from './contest.js';
import { compare, timed } from './measure.js';
import { type Peer, startPeer } from './peer.js';
import { spread } from './samples.js';

/** Hidden neurons of networks with 8 inputs and one output, whose numbers of parameters are 301, 1001, 3001. */
const widths = [30, 100, 300];

/**
 * Normal equations and Cholesky, one thread, beside NumPy. Ours starts from a network's parameters and makes the
 * Jacobian on the way; NumPy is given one. p² operations are counted per sample, p³/3 for Cholesky. Ours copies the
 * matrix, adds the damping and solves as well.
 */
export async function benchAlgebra(context: BenchContext): Promise<void> {
  const peer = await startPeer('algebra', context.python);
  if (peer === undefined) context.note(missing('NumPy', 'python3-numpy'));
  const title = peer?.version ?? 'NumPy';
  const chosen = context.quick ? widths.slice(0, 2) : widths;
  try {
    context.head('normal equations, n = 3p', title);
    for (const hidden of chosen) await normalRow(context, peer, hidden);
    context.head('Cholesky, ours with the solution', title);
    for (const hidden of chosen) await choleskyRow(context, peer, hidden);
  } finally {
    peer?.close();
  }
}

function problemOf(kernels: Kernels, hidden: number, count: number) {
  const shape = { inputs: 8, hidden, outputs: 1, activation: 'tanh', slope: 0.01, skip: false } as const;
  const samples = { inputs: spread(count * 8, 2), outputs: spread(count, 3), count };
  const problem = kernels.shallow(shape, samples);
  return { problem, parameters: spread(problem.parameterCount, 1) };
}

const peerTurn = (peer: Peer | undefined) =>
  peer && (async (times: number) => Number((await peer.ask({ times })).seconds));

const orderOf = (hidden: number) =>
  shallowParameterCount({ inputs: 8, hidden, outputs: 1, activation: 'tanh', slope: 0, skip: false });

async function normalRow(context: BenchContext, peer: Peer | undefined, hidden: number): Promise<void> {
  const order = orderOf(hidden);
  const count = 3 * order;
  await peer?.ask({ what: 'normal', order, count });
  const contestant = (kernels: Kernels | undefined) => {
    if (kernels === undefined) return undefined;
    const { problem, parameters } = problemOf(kernels, hidden, count);
    return timed(() => problem.linearise(parameters));
  };
  const { simd, relaxed } = startBuilds();
  const [a, b, c] = await compare([contestant(simd), contestant(relaxed), peerTurn(peer)], context.patience);
  const name = `normal equations, p = ${order}`;
  context.row({ part: 'algebra', name, simd: a, relaxed: b, peer: c, operations: order ** 2 * count });
}

async function choleskyRow(context: BenchContext, peer: Peer | undefined, hidden: number): Promise<void> {
  const order = orderOf(hidden);
  await peer?.ask({ what: 'cholesky', order });
  const contestant = (kernels: Kernels | undefined) => {
    if (kernels === undefined) return undefined;
    const { problem, parameters } = problemOf(kernels, hidden, 200);
    problem.linearise(parameters);
    const damping = new Float64Array(order).fill(1e3);
    const step = new Float64Array(order);
    return timed(() => problem.solve(damping, step));
  };
  const { simd, relaxed } = startBuilds();
  const [a, b, c] = await compare([contestant(simd), contestant(relaxed), peerTurn(peer)], context.patience);
  const name = `Cholesky, p = ${order}`;
  context.row({ part: 'algebra', name, simd: a, relaxed: b, peer: c, operations: order ** 3 / 3 });
}
