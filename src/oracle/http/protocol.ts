import type { Reply } from './request.js';

/** The protocols that model servers are asked in. */
export const protocolNames = ['plain', 'tf-serving', 'v2'] as const;

/** Name of a protocol. */
export type ProtocolName = (typeof protocolNames)[number];

/** What is sent for a number of queries. */
export interface Encoded {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** How queries become a request and a reply becomes answers. */
export interface Protocol {
  /** For people: the protocol and what of it is used. */
  readonly description: string;
  readonly inputDimension: number;
  readonly outputDimension?: number;
  /** Most queries of a request, where the model fixes it. */
  readonly largestBatch?: number;
  /** `inputs` is count × inputDimension. */
  encode(inputs: Float64Array, count: number): Encoded;
  /** Answers, count × o. Throws `InputError` that begins with what the server answered. */
  decode(reply: Reply, count: number): Float64Array;
}

/** What a protocol needs to be set up. */
export interface Connection {
  /** The address that the user gave. */
  readonly url: URL;
  /** The number of inputs, where the user told it. */
  readonly inputDimension: number | undefined;
  /** Names of the input and the output that are meant, where there are several. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  /** Asks for a JSON document; undefined when there is no such page. */
  get(url: string): Promise<unknown>;
}

/** The rows of count × d numbers as lists. */
export function rowsOf(inputs: Float64Array, count: number): number[][] {
  const d = inputs.length / count;
  return Array.from({ length: count }, (_, n) => Array.from(inputs.subarray(n * d, (n + 1) * d)));
}

/** The address with another path, and without a query where the path was extended. */
export function withPath(url: URL, path: string): string {
  const other = new URL(url);
  other.pathname = path;
  return other.href;
}
