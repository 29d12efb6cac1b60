import { useCallback, useEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { FromEngine, FromResults, Source, ToEngine, ToResults } from '../protocol.js';
import type { PlaygroundSettings } from '../settings.js';
import type { ToCharts } from './chart-protocol.js';
import { advanceRun, noRun, type RunState } from './run-state.js';
import { createStopwatch } from './stopwatch.js';

/** A run that the page leads: its state, and what can be done with it. */
export interface Run {
  readonly state: RunState;
  start(source: Source, settings: PlaygroundSettings): void;
  pause(): void;
  goOn(): void;
  step(): void;
  stop(): void;
  showTruth(): void;
  hideTruth(): void;
}

/** Most student workers: a browser leaves the page one core, and tells eight at most. */
const threads = Math.max(
  1,
  Math.min(8, (navigator.hardwareConcurrency || 2) - (navigator.hardwareConcurrency > 2 ? 1 : 0)),
);

/** Milliseconds between two looks at the clock. */
const tick = 200;

/** Leads one run at a time; a new one ends the one before. What is drawn of it is told to `tellCharts`. */
export function useRun(tellCharts: (message: ToCharts) => void): Run {
  const [state, send] = useReducer(advanceRun, noRun);
  const watch = useMemo(createStopwatch, []);
  const engine = useRef<Worker | undefined>(undefined);
  const results = useResults((message) => send({ kind: 'results', message }));
  const source = useRef<Source | undefined>(undefined);
  const latest = useRef(state);
  latest.current = state;

  const end = useCallback(() => {
    engine.current?.terminate();
    engine.current = undefined;
  }, []);
  const start = useCallback((what: Source, settings: PlaygroundSettings) => {
    end();
    results.forget();
    tellCharts({ kind: 'clear' });
    source.current = what;
    send({ kind: 'begin' });
    watch.start();
    engine.current = startEngine({
      hear(message) {
        if (message.kind === 'done' || message.kind === 'failed') end();
        if (message.kind === 'sight' || message.kind === 'tree' || message.kind === 'student')
          tellCharts(message);
        if (message.kind === 'sight') return;
        send({ kind: 'engine', message });
        if (message.kind !== 'done') return;
        const { recovery, seconds } = message;
        const description = latest.current.opened?.description ?? what.name;
        results.ask({ kind: 'finish', name: what.name, description, recovery, seconds, threads });
      },
      fail(message) {
        end();
        send({ kind: 'trouble', message: `the worker that leads the run died: ${message}` });
      },
    });
    tell({ kind: 'start', source: what, settings, threads });
  }, []);
  const tell = (message: ToEngine) => engine.current?.postMessage(message);
  useEffect(() => end, []);
  useEffect(() => {
    if (state.status !== 'running') return undefined;
    const timer = setInterval(() => send({ kind: 'clock', seconds: watch.seconds }), tick);
    return () => clearInterval(timer);
  }, [state.status]);
  const say = (kind: 'pause' | 'go on') => {
    watch[kind === 'pause' ? 'pause' : 'goOn']();
    tell({ kind });
    send({ kind });
  };
  return {
    state,
    start,
    pause: () => say('pause'),
    goOn: () => say('go on'),
    step: () => tell({ kind: 'step' }),
    stop() {
      end();
      send({ kind: 'stop' });
    },
    showTruth() {
      const found = latest.current.recovery?.network;
      if (source.current === undefined || !found) return;
      results.ask({ kind: 'compare', source: source.current, found });
    },
    hideTruth: () => send({ kind: 'hide truth' }),
  };
}

/** The worker that makes files and shows the truth, once it is wanted. */
function useResults(hear: (message: FromResults) => void) {
  const worker = useRef<Worker | undefined>(undefined);
  return useMemo(
    () => ({
      ask(message: ToResults) {
        worker.current ??= startResults(hear);
        worker.current.postMessage(message);
      },
      /** Files of the run before are wanted no more. */
      forget() {
        worker.current?.terminate();
        worker.current = undefined;
      },
    }),
    [],
  );
}

function startEngine({
  hear,
  fail,
}: {
  hear(message: FromEngine): void;
  fail(message: string): void;
}): Worker {
  const worker = new Worker(new URL('./engine-worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<FromEngine>) => hear(data);
  worker.onerror = (event) => fail(event.message || 'no reason is known');
  return worker;
}

function startResults(hear: (message: FromResults) => void): Worker {
  const worker = new Worker(new URL('./results-worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<FromResults>) => hear(data);
  worker.onerror = (event) =>
    hear({ kind: 'failed', message: event.message || 'the files could not be made' });
  return worker;
}
