import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A figure of the report: an SVG that stands for itself, and its words. */
export interface Figure {
  /** Name of its file, less the ending. */
  readonly name: string;
  readonly title: string;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  readonly svg: string;
}

/** Width of every figure in pixels: wider screens do not stretch it, narrower ones scroll. */
export const figureWidth = 720;

/** Size of all type in figures, in pixels. */
export const typeSize = 14;

/** Colours by role; the page and every SVG file define them for light and dark. */
export const ink = {
  /** What counts: students at the floor, kept clusters, positive weights. */
  main: 'var(--main)',
  /** What is set against it: cuts, negative weights. */
  contrast: 'var(--contrast)',
  /** What did not make it. */
  faint: 'var(--faint)',
  text: 'var(--text)',
} as const;

/** The colours: Okabe and Ito's blue and vermilion, lighter on dark, which colour-blind people can tell apart. */
export const colourRules = `--main:#0072b2;--contrast:#c44e00;--faint:#8a8f98;--text:#1b1f24;--muted:#57606a;--paper:#ffffff;--panel:#f5f7f9;--line:#d5dae0;`;

/** The same roles on a dark page. */
export const darkColourRules = `--main:#56b4e9;--contrast:#f0a35c;--faint:#7d8590;--text:#e6edf3;--muted:#9aa5b1;--paper:#12161b;--panel:#1b2128;--line:#343c46;`;

const ownStyle = `:root{${colourRules}}@media (prefers-color-scheme:dark){:root{${darkColourRules}}}@media print{:root{${colourRules}}}svg{background:var(--paper);color:var(--text);font-family:system-ui,sans-serif}`;

/** Options of a plot without axes, whose marks are placed by pixels. */
export const pixels = {
  margin: 0,
  marginLeft: 0,
  marginTop: 0,
  marginBottom: 0,
  x: { type: 'identity', axis: null },
  y: { type: 'identity', axis: null },
} as const;

/** An image of a few pixels as a mark, stretched over a box. */
export function picture(uri: string, x: number, y: number, width: number, height: number) {
  return Plot.image([uri], {
    src: (value: string) => value,
    x: x + width / 2,
    y: y + height / 2,
    width,
    height,
    preserveAspectRatio: 'none',
    imageRendering: 'pixelated',
  });
}

/** Draws marks as an SVG element in text, with type of one size. */
export function drawPlot(
  options: Plot.PlotOptions & { readonly title: string; readonly description: string },
): string {
  const { title, description, ...plot } = options;
  const { document } = parseHTML('<html><body></body></html>');
  const figure = Plot.plot({
    width: figureWidth,
    marginLeft: 64,
    marginBottom: 48,
    marginTop: 32,
    style: { fontSize: `${typeSize}px`, fontFamily: 'inherit', background: 'none', overflow: 'visible' },
    ...plot,
    ariaLabel: title,
    ariaDescription: description,
    document: document as unknown as Document,
  } as Plot.PlotOptions);
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  figure.setAttribute('role', 'img');
  return figure.outerHTML;
}

/** The SVG as a file of its own: with the colours that the page defines for it otherwise. */
export function standalone(svg: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.replace('>', `><style>${ownStyle}</style>`)}\n`;
}
