import { escapeHtml } from './html.js';
import type { Figure } from './plot.js';
import { styleSheet } from './style.js';

/** A part of a page: its content is HTML. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: string;
}

/** What stands around the sections of a page. */
export interface PageFrame {
  /** Of the window, and of the page; plain text. */
  readonly title: string;
  readonly heading: string;
  /** What kind of page it is, in a sentence. */
  readonly kind: string;
  /** HTML before the list of the sections. */
  readonly opening: string;
  readonly sections: readonly Section[];
  /** HTML. */
  readonly footer: string;
}

/** A figure as a part of a page. */
export function showFigure({ name, title, svg, description }: Figure): string {
  return `<figure id="figure-${name}"><div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}">${svg}</div><figcaption>${escapeHtml(description)}</figcaption></figure>`;
}

/** Lays out a page: one file that needs nothing else. */
export function layOutPage({ title, heading, kind, opening, sections, footer }: PageFrame): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${styleSheet}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(heading)}</h1>
<p class="kind">${escapeHtml(kind)}</p>
${opening}
<nav aria-label="Sections"><ol>${sections.map((section) => `<li><a href="#${section.id}">${escapeHtml(section.title)}</a></li>`).join('')}</ol></nav>
</header>
${sections.map((section) => `<section aria-labelledby="${section.id}"><h2 id="${section.id}">${escapeHtml(section.title)}</h2>\n${section.content}</section>`).join('\n')}
<footer>${footer} Every figure is an SVG file in the folder <code>figures</code>.</footer>
</main>
</body>
</html>
`;
}
