/**
 * What the page may do: its own scripts, styles and workers, WebAssembly, pictures that it made itself; no requests, no
 * forms, no frames. (WebAssembly has no narrower word than 'wasm-unsafe-eval', which allows no other evaluation.)
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  'img-src blob: data:',
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The service worker alone fetches: the page's own files, to keep them. */
export const serviceWorkerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";
