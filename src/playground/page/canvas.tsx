import { useEffect, useRef } from 'preact/hooks';
import type { Shown, Surface } from './charts.js';

/** The page's colours, as the style sheet has them now. */
function coloursNow(): Surface['ink'] {
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

/** A chart that is drawn again when what it shows has changed, at most once a frame; `words` say it to a screen reader. */
export function Chart(props: {
  readonly title: string;
  readonly words: string;
  readonly isSquare?: boolean;
  /** Whether it has a row of its own. */
  readonly isWide?: boolean;
  readonly shown: Shown;
  draw(surface: Surface, shown: Shown): void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    let frame = 0;
    let drawn = '';
    let [ink, inkAt] = [coloursNow(), performance.now()];
    const loop = (now: number) => {
      frame = requestAnimationFrame(loop);
      const element = canvas.current;
      if (element === null) return;
      if (now - inkAt > 500) [ink, inkAt] = [coloursNow(), now];
      const { shown, draw } = latest.current;
      const [width, height] = [element.clientWidth, element.clientHeight];
      const ratio = devicePixelRatio;
      const { scene, found, truth, picture } = shown;
      const state = [scene.version, width, height, ratio, ink.paper, !!found, !!truth, picture?.side].join();
      if (state === drawn || width === 0) return;
      drawn = state;
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
      const context = element.getContext('2d')!;
      context.scale(ratio, ratio);
      draw({ context, width, height, ink }, shown);
    };
    frame = requestAnimationFrame(loop);
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <figure class={props.isWide ? 'chart wide' : 'chart'}>
      <h3>{props.title}</h3>
      <canvas ref={canvas} role="img" aria-label={props.words} class={props.isSquare ? 'square' : ''} />
      <figcaption>{props.words}</figcaption>
    </figure>
  );
}
