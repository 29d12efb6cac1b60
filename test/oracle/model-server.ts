import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test server does to a request in place of answering it. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'rows' }
  | { readonly kind: 'text'; readonly body: string };

/** A model server on this machine. */
export interface ModelServer {
  /** The address of the model in the server's protocol. */
  readonly address: string;
  /** Queries that were answered, and requests of any outcome. */
  readonly answered: number;
  readonly requests: number;
  readonly headers: readonly IncomingMessage['headers'][];
  /** Stops listening and drops every connection. */
  stop(): Promise<void>;
  /** Listens again at the same port. */
  start(): Promise<void>;
}

/** How a test server speaks. */
export type Dialect = 'plain' | 'tf-serving' | 'v2' | 'v2-binary';

/** The paths of the model in each dialect. */
const paths: Record<Dialect, string> = {
  plain: '/predict',
  'tf-serving': '/v1/models/net:predict',
  v2: '/v2/models/net',
  'v2-binary': '/v2/models/net',
};

/**
 * Serves `evaluate` (one query to its answer) as the real servers do, FP64 throughout. `faultOf` may give a
 * fault for the n-th prediction request, counted from 0.
 */
export async function serveModel(
  dialect: Dialect,
  evaluate: (query: number[]) => number[],
  inputDimension: number,
  faultOf: (request: number) => Fault | undefined = () => undefined,
): Promise<ModelServer> {
  let answered = 0;
  let requests = 0;
  const headers: IncomingMessage['headers'][] = [];
  const answer = (queries: number[][]) => queries.map(evaluate);

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.method === 'GET') return json(response, metadata(request.url ?? '', dialect, inputDimension));
    headers.push(request.headers);
    const fault = faultOf(requests++);
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
    else if (fault !== undefined && fault.kind !== 'rows') return fail(response, fault);
    const skipped = fault?.kind === 'rows' ? 1 : 0;
    if (request.url !== (dialect.startsWith('v2') ? `${paths.v2}/infer` : paths[dialect])) {
      response.writeHead(404);
      return response.end();
    }
    if (dialect === 'v2-binary') return inferBinary(request, body, response, skipped);
    const sent = JSON.parse(body.toString());
    const queries: number[][] =
      dialect === 'plain' ? sent.inputs : dialect === 'tf-serving' ? sent.instances : rowsOf(sent.inputs[0]);
    const outputs = answer(queries).slice(skipped);
    answered += skipped === 0 ? queries.length : 0;
    if (dialect === 'plain') return json(response, { outputs });
    if (dialect === 'tf-serving') {
      return json(response, { predictions: outputs.map((row) => (row.length === 1 ? row[0] : row)) });
    }
    const shape = [outputs.length, outputs[0].length];
    json(response, {
      model_name: 'net',
      outputs: [{ name: 'y', shape, datatype: 'FP64', data: outputs.flat() }],
    });
  };

  function inferBinary(request: IncomingMessage, body: Buffer, response: ServerResponse, skipped: number) {
    const length = Number(request.headers['inference-header-content-length']);
    const { inputs, outputs: wanted } = JSON.parse(body.subarray(0, length).toString());
    const [count, d] = inputs[0].shape as number[];
    const data = body.subarray(length);
    if (data.length !== inputs[0].parameters.binary_data_size || !wanted[0].parameters.binary_data) {
      return fail(response, { kind: 'status', status: 400, body: '{"error":"no binary tensor"}' });
    }
    const queries = Array.from({ length: count }, (_, n) =>
      Array.from({ length: d }, (_, k) => data.readDoubleLE(8 * (n * d + k))),
    );
    const outputs = answer(queries).slice(skipped);
    answered += skipped === 0 ? count : 0;
    const bytes = Buffer.alloc(8 * outputs.flat().length);
    outputs.flat().forEach((value, i) => {
      bytes.writeDoubleLE(value, 8 * i);
    });
    const shape = [outputs.length, outputs[0].length];
    const text = JSON.stringify({
      outputs: [{ name: 'y', shape, datatype: 'FP64', parameters: { binary_data_size: bytes.length } }],
    });
    response.writeHead(200, { 'inference-header-content-length': text.length });
    response.end(Buffer.concat([Buffer.from(text), bytes]));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  let port = 0;
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  await listen();
  return {
    get address() {
      return `http://127.0.0.1:${port}${paths[dialect]}`;
    },
    get answered() {
      return answered;
    },
    get requests() {
      return requests;
    },
    headers,
    start: listen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function rowsOf({ shape, data }: { shape: number[]; data: number[] }): number[][] {
  const d = data.length / shape[0];
  return Array.from({ length: shape[0] }, (_, n) => data.slice(n * d, (n + 1) * d));
}

/** What the servers say about the model; undefined where there is no such page. */
function metadata(path: string, dialect: Dialect, d: number): unknown {
  if (dialect === 'tf-serving' && path === '/v1/models/net/metadata') {
    const tensor = (size: number) => ({
      dtype: 'DT_DOUBLE',
      tensor_shape: { dim: [{ size: '-1' }, { size: String(size) }] },
    });
    const signature = { inputs: { x: tensor(d) }, outputs: { y: tensor(-1) } };
    return { metadata: { signature_def: { signature_def: { serving_default: signature } } } };
  }
  if (dialect.startsWith('v2') && path === '/v2') {
    return { name: 'test', extensions: dialect === 'v2-binary' ? ['binary_tensor_data'] : [] };
  }
  if (dialect.startsWith('v2') && path === '/v2/models/net') {
    return {
      name: 'net',
      inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, d] }],
      outputs: [{ name: 'y', datatype: 'FP64', shape: [-1, -1] }],
    };
  }
  return undefined;
}

function json(response: ServerResponse, value: unknown): void {
  if (value === undefined) response.writeHead(404).end('{"error": "no such page"}');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function fail(response: ServerResponse, fault: Fault): void {
  switch (fault.kind) {
    case 'status': {
      const after = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      response.writeHead(fault.status, after).end(fault.body ?? '');
      return;
    }
    case 'drop':
      response.destroy();
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"outputs": [[', () => response.destroy());
      return;
    case 'text':
      response.writeHead(200).end(fault.body);
      return;
  }
}
