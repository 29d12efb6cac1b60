import type { Shown, Surface } from './charts.js';

const margin = { left: 52, right: 12, top: 14, bottom: 10 };

/** Draws the tree of the students' neurons on a logarithmic axis, with its cut. */
export function drawTree({ context, width, height, ink }: Surface, { scene: { tree } }: Shown): void {
  context.clearRect(0, 0, width, height);
  if (tree === null) return;
  const { merges, columns, cut } = tree;
  const heights = merges.filter((x, i) => i % 6 === 4 && x > 0);
  const highest = Math.max(cut, ...heights) * 1.5 || 1;
  const least = Math.max(Math.min(cut > 0 ? cut : highest, ...heights) / 10, highest * 1e-18);
  const [top, bottom] = [Math.log10(highest), Math.log10(least)];
  const x = (place: number) => margin.left + ((width - margin.left - margin.right) * place) / columns;
  const y = (at: number) =>
    margin.top +
    ((height - margin.top - margin.bottom) * (top - Math.log10(Math.max(at, least)))) / (top - bottom);
  drawAxis({ context, width, height, ink }, [top, bottom], y);
  for (const [kind, colour] of [ink.main, ink.faint, ink.text].entries()) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = 0; at < merges.length; at += 6) {
      if (merges[at + 5] !== kind) continue;
      const [xa, ya, xb, yb, join] = merges.subarray(at, at + 5);
      context.moveTo(x(xa), y(ya));
      context.lineTo(x(xa), y(join));
      context.lineTo(x(xb), y(join));
      context.lineTo(x(xb), y(yb));
    }
    context.stroke();
  }
  if (cut <= 0) return;
  context.strokeStyle = ink.contrast;
  context.lineWidth = 2;
  context.setLineDash([6, 4]);
  context.beginPath();
  context.moveTo(margin.left, y(cut));
  context.lineTo(width - margin.right, y(cut));
  context.stroke();
  context.setLineDash([]);
}

function drawAxis(
  { context, width, ink }: Surface,
  [top, bottom]: readonly [number, number],
  y: (at: number) => number,
): void {
  context.font = '13px system-ui, sans-serif';
  context.textAlign = 'right';
  context.lineWidth = 1;
  const step = Math.max(1, Math.ceil((top - bottom) / 5));
  for (let power = Math.floor(top); power >= bottom; power -= step) {
    const at = y(10 ** power);
    context.strokeStyle = ink.line;
    context.beginPath();
    context.moveTo(margin.left, at);
    context.lineTo(width - margin.right, at);
    context.stroke();
    context.fillStyle = ink.text;
    context.fillText(`1e${power}`, margin.left - 6, at + 4);
  }
}
