import { firstNonFinite } from '../../base/checks.js';
import { InputError } from '../../base/errors.js';
import { counted, folderName, type OpenedTarget } from '../opened-target.js';
import { parseJson } from './json.js';
import { openInferenceProtocol } from './open-inference.js';
import { plainProtocol } from './plain.js';
import type { Connection, Protocol, ProtocolName } from './protocol.js';
import { NotFound, type Reply, send } from './request.js';
import { createRetrier, Retryable, type RetryPolicy, retryDefaults } from './retry.js';
import { tfServingProtocol } from './tf-serving.js';

/** How a served model is asked. */
export interface HttpOptions {
  /** Found from the address unless it is named. */
  readonly protocol?: ProtocolName | undefined;
  readonly inputDimension?: number | undefined;
  /** Names of the input and the output that are meant, where the model has several. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Headers such as `Authorization: Bearer …`; they are neither printed nor stored. */
  readonly headers?: readonly string[] | undefined;
  /** Most queries in a request. */
  readonly batch?: number | undefined;
  /** Most requests at a time. */
  readonly concurrency?: number | undefined;
  /** Seconds in which a request must be answered. */
  readonly timeout?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Told about every failure that is tried again. */
  readonly notify?: ((message: string) => void) | undefined;
}

/** What an option is when it is not given. */
export const httpDefaults = {
  batch: 256,
  concurrency: 4,
  timeout: 30,
  retries: retryDefaults.retries,
} as const;

const protocols = { plain: plainProtocol, 'tf-serving': tfServingProtocol, v2: openInferenceProtocol };

/**
 * Connects to a model server. Throws `InputError` when the address is none, the server cannot be reached, or
 * it tells no model; the target it gives throws one that names the request when an answer cannot be used or
 * every retry failed.
 */
export async function openHttp(address: string, options: HttpOptions = {}): Promise<OpenedTarget> {
  const { url, authorization } = parseAddress(address);
  const headers = { ...authorization, ...parseHeaders(options.headers ?? []) };
  const place = url.origin + url.pathname;
  const timeout = options.timeout ?? httpDefaults.timeout;
  const closing = new AbortController();
  const { signal } = closing;
  const retrier = createRetrier({ ...retryDefaults, ...options.retry }, options.notify ?? (() => {}), signal);
  const get = (page: string) => {
    const label = `GET ${page.split('?')[0]}`;
    return retrier.run(() => getJson({ url: page, headers, timeout, signal }, label));
  };
  const { inputDimension, input, output } = options;
  const connection: Connection = { url, inputDimension, input, output, get };
  const name = options.protocol ?? protocolIn(url.pathname);
  const protocol = await protocols[name](connection);
  const takes = counted(protocol.inputDimension, 'input');
  const gives =
    protocol.outputDimension === undefined ? '' : `, ${counted(protocol.outputDimension, 'output')}`;
  let requests = 0;

  async function ask(inputs: Float64Array, count: number): Promise<Float64Array> {
    const request = ++requests;
    const label = `${place}: request ${request} (${counted(count, 'query').replace('querys', 'queries')})`;
    const encoded = protocol.encode(inputs, count);
    return retrier.run(async () => {
      try {
        const { url: to, body } = encoded;
        const sent = { url: to, body, headers: { ...headers, ...encoded.headers }, timeout, signal };
        const reply = await send(sent, label);
        return usable(label, () => decode(protocol, reply, inputs, count));
      } catch (error) {
        if (error instanceof NotFound) throw new InputError(error.message);
        throw error;
      }
    });
  }

  return {
    name: folderName(url.hostname + url.pathname.replace(/:predict$|\/infer$/, '')),
    description: `${place} (${takes}${gives}, ${protocol.description})`,
    place,
    inputDimension: protocol.inputDimension,
    ...(protocol.outputDimension !== undefined && { outputDimension: protocol.outputDimension }),
    identity: ['http', url.href, name, input ?? '', output ?? ''].join('\n'),
    batches: {
      size: Math.min(options.batch ?? httpDefaults.batch, protocol.largestBatch ?? Number.POSITIVE_INFINITY),
      concurrency: options.concurrency ?? httpDefaults.concurrency,
    },
    ask,
    close: async () => closing.abort(),
  };
}

/** What a page holds as JSON; undefined where there is no such page. */
async function getJson(request: Parameters<typeof send>[0], label: string): Promise<unknown> {
  try {
    const reply = await send(request, label);
    return usable(label, () => parseJson(reply.bytes));
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function protocolIn(path: string): ProtocolName {
  if (/\/v2\/models\//.test(path)) return 'v2';
  return /\/v1\/models\//.test(path) ? 'tf-serving' : 'plain';
}

/** The address less its user and password, and the header that they become. */
function parseAddress(address: string): { url: URL; authorization: Record<string, string> } {
  let url: URL;
  try {
    url = new URL(address);
  } catch (error) {
    throw new InputError(`'${address}' is no address, expected one such as http://host:8501/v1/models/NAME`, {
      cause: error,
    });
  }
  if (url.username === '' && url.password === '') return { url, authorization: {} };
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, authorization: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } };
}

/** Headers written as `Name: value`. Throws `InputError` that does not show the value. */
export function parseHeaders(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      const name = line.slice(0, Math.max(0, at)).trim();
      const value = line.slice(at + 1).trim();
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value) || value === '') {
        throw new InputError(
          `--header must be written as 'Name: value', got ${line.length} characters that are not`,
        );
      }
      return [name.toLowerCase(), value];
    }),
  );
}

function decode(protocol: Protocol, reply: Reply, inputs: Float64Array, count: number): Float64Array {
  const answers = protocol.decode(reply, count);
  if (answers.length === 0 || answers.length % count !== 0) {
    throw new InputError(`answered ${answers.length} numbers to ${count} queries, expected as many for each`);
  }
  const bad = firstNonFinite(answers);
  if (bad >= 0) {
    const o = answers.length / count;
    const d = inputs.length / count;
    const n = Math.floor(bad / o);
    const point = Array.from(inputs.subarray(n * d, n * d + Math.min(d, 4)), (x) => x.toPrecision(4));
    throw new InputError(
      `answered ${answers[bad]} in output ${bad % o} of its query ${n} at (${point.join(', ')}${d > 4 ? ', …' : ''}), expected a finite number`,
    );
  }
  return answers;
}

/** What `action` reads from an answer; when it cannot be used, another try may give a better one. */
function usable<T>(label: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new Retryable(new InputError(`${label} was ${error.message}`, { cause: error }), 'unusable');
  }
}
