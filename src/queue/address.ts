import type { RedisOptions } from 'ioredis';
import { InputError } from '../base/errors.js';

/** Environment variable of the password, for those who keep it out of command lines. */
export const passwordVariable = 'EAC_QUEUE_PASSWORD';

/** Where a queue is kept. The password is in no property that is printed, listed or written. */
export interface QueueAddress {
  /** The address without user and password: for people, messages and files. */
  readonly place: string;
  /** What a connection needs to know. */
  connection(): RedisOptions;
}

const example = 'redis://host:6379';

/**
 * The address of a queue: `redis://` or, over TLS, `rediss://`, with `user:password@` before the host and the number of
 * the database after it where they are wanted. The password may come from the environment instead. Throws `InputError`,
 * which does not repeat the address: it may hold a password.
 */
export function parseQueueAddress(text: string, environment: NodeJS.ProcessEnv = process.env): QueueAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InputError(`the queue is no address, expected one such as ${example}`);
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new InputError(
      `the queue begins with '${url.protocol}', expected redis:// or rediss://, such as ${example}`,
    );
  }
  if (url.hostname === '') throw new InputError(`the queue names no host, expected one such as ${example}`);
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (database === undefined || url.search !== '' || url.hash !== '') {
    throw new InputError(
      'the queue has more than the number of a database after its host, expected one such as redis://host:6379/1',
    );
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 6379 : Number(url.port);
  const db = Number(database);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password) || environment[passwordVariable] || '';
  const connection = (): RedisOptions => ({
    host,
    port,
    db,
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(url.protocol === 'rediss:' && { tls: { servername: host } }),
  });
  return { place: `${url.protocol}//${url.hostname}:${port}${db === 0 ? '' : `/${db}`}`, connection };
}
