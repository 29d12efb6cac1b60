import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Ink, ToCharts } from './chart-protocol.js';

/** The worker that draws. */
export interface Charts {
  /** Another one draws from now on, on new canvases, where this has changed. */
  readonly generation: number;
  tell(message: ToCharts, transfer?: Transferable[]): void;
}

/** So many workers may die of drawing before the page does without charts. */
const mostDeaths = 3;

/** Starts the worker that draws, tells it the page's colours, and replaces it should it die. */
export function useCharts(): Charts {
  const [generation, setGeneration] = useState(0);
  const worker = useRef<Worker | undefined>(undefined);
  if (worker.current === undefined && generation < mostDeaths) {
    worker.current = new Worker(new URL('./chart-worker.js', import.meta.url), { type: 'module' });
    worker.current.onerror = (event) => {
      event.preventDefault();
      worker.current?.terminate();
      worker.current = undefined;
      setGeneration((n) => n + 1);
    };
  }
  const tell = useCallback((message: ToCharts, transfer: Transferable[] = []) => {
    worker.current?.postMessage(message, transfer);
  }, []);
  useEffect(() => {
    const tellInk = () => tell({ kind: 'ink', ink: coloursNow() });
    const isDark = matchMedia('(prefers-color-scheme: dark)');
    tellInk();
    isDark.addEventListener('change', tellInk);
    return () => isDark.removeEventListener('change', tellInk);
  }, [generation]);
  return { generation, tell };
}

/** The page's colours, as the style sheet has them now. */
function coloursNow(): Ink {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    main: of('main'),
    contrast: of('contrast'),
    faint: of('faint'),
    text: of('text'),
    line: of('line'),
    paper: of('paper'),
  };
}
