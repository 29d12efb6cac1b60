// Takes the pictures of the report that docs/tour.md shows: node scripts/screenshots.mjs, after a build.
// Needs Debian's chromium, and imagemagick, which makes the files small.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'eac-screenshots-'));
const run = join(folder, 'gelu-8-6-3-auto-seed0');
const eac = (...args) =>
  execFileSync(process.execPath, ['bin/eac.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

/** What is taken: name, width, light or dark, from which heading (or the top), and how high. */
const pictures = [
  ['report-top', 900, 'light', undefined, 900],
  ['report-network', 900, 'light', '#network', 830],
  ['report-students', 900, 'light', '#students', 640],
  ['report-clusters', 900, 'light', '#layer-1', 1720],
  ['report-truth', 900, 'light', '#truth', 770],
  ['report-phone-dark', 390, 'dark', undefined, 844],
];
try {
  eac('recover', 'examples/gelu-8-6-3.onnx', '--out', run, '--quiet');
  eac('compare', run, 'examples/gelu-8-6-3.onnx', '--report');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const [name, width, colorScheme, heading, height] of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(pathToFileURL(join(run, 'report.html')).href);
    const top =
      heading === undefined ? 0 : await page.locator(heading).evaluate((element) => element.offsetTop);
    const file = join(root, 'docs', 'figures', `${name}.png`);
    await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: top, width, height } });
    execFileSync('convert', [file, '-strip', '+dither', '-colors', '128', `PNG8:${file}`]);
    await page.close();
  }
  await browser.close();
} finally {
  rmSync(folder, { recursive: true });
}
