import { render } from 'preact';
import { App } from './app.js';

render(<App />, document.getElementById('app')!);

// what was loaded once works without a network from then on; browsers allow that on https and on this machine
if (navigator.serviceWorker !== undefined && location.protocol !== 'file:') {
  addEventListener(
    'load',
    () => void navigator.serviceWorker.register('./service-worker.js').catch(() => {}),
  );
}
