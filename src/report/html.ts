/** Text as HTML shows it: the reason of a verdict or a file's name may hold anything. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => names[character]);
}

/** A number as people read it: short, with a power of ten where it is very large or small. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return value.toLocaleString('en');
  if (size >= 1e-2 && size < 1e5) return String(Number(value.toPrecision(4)));
  return value.toExponential(1).replace('e+', 'e').replace('-', '−').replace('e-', 'e−');
}

/** A table with a caption; the first column holds the rows' headings. Cells are HTML. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const headings = head.map((text) => `<th scope="col">${text}</th>`).join('');
  const body = rows
    .map(
      ([first, ...rest]) =>
        `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${headings}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** What can be unfolded: long tables are there for those who want them. */
export function details(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>${content}</details>`;
}
