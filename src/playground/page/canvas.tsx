import { useEffect, useRef } from 'preact/hooks';
import type { ChartName } from './chart-protocol.js';
import type { Charts } from './use-charts.js';

/** A chart that a worker draws whenever what it shows has changed; `words` stand below it, and are its name for a screen reader. */
export function Chart(props: {
  readonly charts: Charts;
  readonly name: ChartName;
  readonly title: string;
  readonly words: string;
  readonly isSquare?: boolean;
  /** Whether it has a row of its own. */
  readonly isWide?: boolean;
}) {
  const { charts, name: chart } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const drawn = element.transferControlToOffscreen();
    charts.tell({ kind: 'canvas', chart, canvas: drawn }, [drawn]);
    const sizes = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      charts.tell({ kind: 'size', chart, width, height, ratio: devicePixelRatio });
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      charts.tell({ kind: 'gone', chart });
    };
  }, []);
  return (
    <figure class={props.isWide ? 'chart wide' : 'chart'}>
      <h3>{props.title}</h3>
      <canvas ref={canvas} role="img" aria-label={props.title} class={props.isSquare ? 'square' : ''} />
      <figcaption>{props.words}</figcaption>
    </figure>
  );
}
