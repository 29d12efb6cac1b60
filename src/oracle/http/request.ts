import { InputError } from '../../base/errors.js';
import { longestRetryAfter, Retryable, readRetryAfter } from './retry.js';

/** Largest body that is read, in bytes. */
const largestBody = 2 ** 28;

/** What a server sent, with the status 200 to 299. */
export interface Reply {
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** What is sent; a request without a body is a GET. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Seconds. */
  readonly timeout: number;
  /** Ends the request at once. */
  readonly signal?: AbortSignal;
}

/** The server answers the request with a status that says: there is no such thing. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/**
 * Sends one request. `label` names it in messages, less every secret. Throws `Retryable` when another try may
 * help: no connection, no answer in time, 408, 425, 429 and 5xx; `NotFound` for 404 and 405; `InputError` for
 * the rest.
 */
export async function send(request: HttpRequest, label: string): Promise<Reply> {
  const { url, headers, body, timeout, signal } = request;
  const late = AbortSignal.timeout(1000 * timeout);
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      ...(body !== undefined && { body }),
    });
    const bytes = await readBody(response, label);
    if (response.ok) return { headers: response.headers, bytes };
    throw refusal(response, bytes, label);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof InputError || error instanceof Retryable || error instanceof NotFound) throw error;
    throw explainFailure(error, label, timeout);
  }
}

async function readBody(response: Response, label: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = Number(response.headers.get('content-length') ?? 0);
  const tooLong = () => new InputError(`${label} was answered by more than ${largestBody} bytes`);
  if (length > largestBody) throw tooLong();
  length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > largestBody) throw tooLong();
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Statuses that a server may not answer with the next time. */
const passing = [408, 425, 429, 500, 502, 503, 504];

const hints: Readonly<Record<number, string>> = {
  401: ', expected a token with --header',
  403: ', expected a token with --header',
  413: ', expected a smaller --batch',
};

function refusal(response: Response, bytes: Uint8Array, label: string): Error {
  const { status, headers } = response;
  const said = messageIn(bytes);
  if (status >= 300 && status < 400) {
    // a redirect could carry a token to another server
    const there = headers.get('location') ?? 'another address';
    return new InputError(
      `${label} was answered ${status}: moved to ${oneLine(there)}, expected that address`,
    );
  }
  const failure = new InputError(`${label} was answered ${status}${said}${hints[status] ?? ''}`);
  if (!passing.includes(status))
    return status === 404 || status === 405 ? new NotFound(failure.message) : failure;
  const retryAfter = readRetryAfter(headers.get('retry-after'));
  if (retryAfter !== undefined && retryAfter > longestRetryAfter) {
    return new InputError(
      `${label} was answered ${status}: try again in ${Math.ceil(retryAfter)} s, expected at most ${longestRetryAfter} s`,
    );
  }
  return new Retryable(failure, 'refused', retryAfter);
}

/** What a body says about a failure: the field `error`, `message` or `detail` of a JSON object, or its text. */
function messageIn(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096)).trim();
  if (text === '' || text.startsWith('<')) return '';
  try {
    const { error, message, detail } = JSON.parse(text) as Record<string, unknown>;
    const said = error ?? message ?? detail;
    if (said !== undefined) return `: ${oneLine(typeof said === 'string' ? said : JSON.stringify(said))}`;
  } catch {}
  return `: ${oneLine(text)}`;
}

const oneLine = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);

/** What failures of TLS mean; another try cannot help. */
const tlsFailures: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/,
    'its certificate is signed by nobody who is trusted here, expected the certificate of its authority in the file that NODE_EXTRA_CA_CERTS names',
  ],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet, or the clock of this machine is wrong'],
  [/ALTNAME_INVALID/, 'its certificate is for another host name'],
  [/CERT_|ERR_TLS/, 'its certificate is not accepted'],
  [/ERR_SSL|EPROTO|WRONG_VERSION/, 'it does not speak TLS as expected, is it an http:// address?'],
];

/** What failures to connect mean. */
const connectionFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was dropped',
  EPIPE: 'the connection was dropped',
  UND_ERR_SOCKET: 'the connection was dropped',
  ETIMEDOUT: 'there is no way to it',
  UND_ERR_CONNECT_TIMEOUT: 'there is no way to it',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  EAI_AGAIN: 'its name cannot be looked up now',
};

function explainFailure(error: unknown, label: string, timeout: number): Error {
  const { name, message } = error as Error;
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new Retryable(
      new InputError(
        `${label} was not answered within ${timeout} s, expected a longer --timeout or a quicker server`,
      ),
      'refused',
    );
  }
  const cause = innermost(error);
  const code = typeof cause.code === 'string' ? cause.code : '';
  const tls = tlsFailures.find(([pattern]) => pattern.test(code));
  if (tls !== undefined) return new InputError(`${label} failed: ${tls[1]} (${code})`, { cause: error });
  if (code === 'ENOTFOUND')
    return new InputError(`${label} failed: there is no host of that name`, { cause: error });
  const known = connectionFailures[code];
  if (known !== undefined)
    return new Retryable(new InputError(`${label} failed: ${known} (${code})`), 'unreachable');
  // fetch throws a TypeError for broken connections and broken HTTP of every kind
  if (name !== 'TypeError') return error as Error;
  const said = oneLine(cause.message ?? message);
  return new Retryable(new InputError(`${label} failed: ${said}${code && ` (${code})`}`), 'unreachable');
}

interface Cause {
  readonly code?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

function innermost(error: unknown): Cause {
  let cause = error as Cause;
  for (let depth = 0; depth < 8; depth++) {
    const next = cause.cause ?? cause.errors?.[0];
    if (typeof next !== 'object' || next === null) break;
    cause = next as Cause;
  }
  return cause;
}
