import { scaleBand, scaleSequential } from 'd3-scale';
import { interpolateBlues } from 'd3-scale-chromatic';
import type { ExpansionRecord } from './run-expansion.js';
import { type ExpansionSummary, summariseExpansion } from './summary.js';

/** Sizes in pixels. */
const cell = 40;
const fontSize = 12;
const lineHeight = 18;
const margin = { left: 52, right: 16, top: 92, bottom: 78, between: 24 };
const legend = { width: 24, height: 12, shares: [0, 0.25, 0.5, 0.75, 1] };

/** Lightness from white to dark blue: told apart whatever the eye, and in print. */
const shade = scaleSequential(interpolateBlues).domain([0, 1]);

/**
 * The ease-of-identifiability map as SVG: inputs d against hidden neurons r, one panel for each expansion
 * factor ρ, every cell with the share of students that reached the floor, in per cent.
 */
export function drawExpansionMap(records: readonly ExpansionRecord[], family: string, seed: number): string {
  const inputs = distinct(records.map(({ d }) => d));
  const hidden = distinct(records.map(({ r }) => r));
  const panels = summariseExpansion(records);
  const x = scaleBand(inputs, [0, inputs.length * cell]);
  const y = scaleBand([...hidden].reverse(), [0, hidden.length * cell]);
  const [panelWidth, panelHeight] = [Math.max(x.range()[1], 5 * cell), y.range()[1]];
  const width = margin.left + panels.length * (panelWidth + margin.between) - margin.between + margin.right;
  const height = margin.top + panelHeight + margin.bottom;

  const title = `Ease of identifiability: ${records[0].target}, ${family} family`;
  const perCell = Math.max(...distinct(records.map((record) => record.seed))) - seed + 1;
  const subtitle = `share of students at the floor, % (${perCell} problems a cell, ${records[0].students} students a problem)`;
  const parts = [
    text(margin.left, lineHeight, title, 'font-weight="bold"'),
    text(margin.left, 2 * lineHeight, subtitle),
  ];
  for (const [index, panel] of panels.entries()) {
    const own = records.filter(({ expansion }) => expansion === panel.expansion);
    const left = margin.left + index * (panelWidth + margin.between);
    const [middle, bottom] = [left + x.range()[1] / 2, margin.top + panelHeight];
    parts.push(text(left, margin.top - lineHeight - 8, `ρ = ${panel.expansion}`, 'font-weight="bold"'));
    parts.push(text(left, margin.top - 8, `${percent(panel.shareRecovered)} % of problems recovered`));
    for (const d of inputs) {
      for (const r of hidden) {
        const share = shareIn(own, d, r);
        if (share === undefined) continue;
        const [cx, cy] = [left + x(d)!, margin.top + y(r)!];
        parts.push(
          `<rect x="${cx}" y="${cy}" width="${cell}" height="${cell}" fill="${shade(share)}" stroke="#ccc"/>`,
          text(
            cx + cell / 2,
            cy + cell / 2 + 4,
            percent(share),
            `text-anchor="middle" fill="${inkOn(shade(share))}"`,
          ),
        );
      }
      parts.push(text(left + x(d)! + cell / 2, bottom + lineHeight, String(d), 'text-anchor="middle"'));
    }
    parts.push(text(middle, bottom + 2 * lineHeight, 'inputs d', 'text-anchor="middle"'));
    if (index > 0) continue;
    for (const r of hidden) {
      parts.push(text(left - 8, margin.top + y(r)! + cell / 2 + 4, String(r), 'text-anchor="end"'));
    }
    const at = `${left - 30} ${margin.top + panelHeight / 2}`;
    parts.push(`<text transform="translate(${at}) rotate(-90)" text-anchor="middle">neurons r</text>`);
  }
  parts.push(...drawLegend(margin.left, height - lineHeight - 4));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="sans-serif" font-size="${fontSize}" fill="#222">`,
    `<title id="title">${title}</title>`,
    `<desc id="description">${describe(panels, records, inputs, hidden)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawLegend(left: number, top: number): string[] {
  return legend.shares.flatMap((share, i) => {
    const at = left + i * 72;
    return [
      `<rect x="${at}" y="${top}" width="${legend.width}" height="${legend.height}" fill="${shade(share)}" stroke="#999"/>`,
      text(at + legend.width + 6, top + 10, `${percent(share)} %`),
    ];
  });
}

/** The figure in words: what each panel shows on the whole, then cell by cell. */
function describe(
  panels: readonly ExpansionSummary[],
  records: readonly ExpansionRecord[],
  inputs: readonly number[],
  hidden: readonly number[],
): string {
  const sentences = panels.map((panel) => {
    const own = records.filter(({ expansion }) => expansion === panel.expansion);
    const cells = hidden.map((r) => {
      const shares = inputs
        .map((d) => shareIn(own, d, r))
        .map((share) => (share === undefined ? '-' : percent(share)));
      return `r = ${r}: ${shares.join(', ')}`;
    });
    const total = `${percent(panel.shareAtFloor)} % of students at the floor, ${percent(panel.shareRecovered)} % of problems recovered`;
    return `ρ = ${panel.expansion}: ${total}. Per cent of students at the floor by r, for d = ${inputs.join(', ')}: ${cells.join('; ')}.`;
  });
  return sentences.join(' ');
}

function shareIn(records: readonly ExpansionRecord[], d: number, r: number): number | undefined {
  const own = records.filter((record) => record.d === d && record.r === r);
  if (own.length === 0) return undefined;
  const sum = (of: (record: ExpansionRecord) => number) =>
    own.reduce((total, record) => total + of(record), 0);
  return sum(({ atFloor }) => atFloor) / sum(({ students }) => students);
}

const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
const percent = (share: number) => String(Math.round(100 * share));
const text = (x: number, y: number, words: string, attributes = '') =>
  `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${words}</text>`;

/** Black or white, whichever stands out more on a colour `rgb(r, g, b)` (WCAG 2 contrast). */
function inkOn(colour: string): string {
  const [r, g, b] = colour.match(/\d+/g)!.map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000' : '#fff';
}
