import { cachedFiles, cacheName } from './cached-files.generated.js';

/** As much of a service worker as is used here: the compiler knows pages alone. */
interface Scope {
  addEventListener(kind: string, act: (event: WorkerEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
interface WorkerEvent {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}
const scope = self as unknown as Scope;

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(cachedFiles))
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener('activate', (event) => {
  const old = async () => {
    for (const name of await caches.keys())
      if (name !== cacheName && name.startsWith('eac-')) await caches.delete(name);
    await scope.clients.claim();
  };
  event.waitUntil(old());
});

// everything is in the cache: nothing is asked of anybody after the page was loaded once
scope.addEventListener('fetch', (event) => {
  const answer = async () =>
    (await caches.match(event.request, { ignoreSearch: true })) ?? fetch(event.request);
  event.respondWith(answer());
});
