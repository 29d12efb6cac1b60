// Takes the pictures of the report that docs/tour.md shows: node scripts/screenshots.mjs, after a build.
// Needs Debian's chromium, and imagemagick, which makes the files small.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { encodeOnnx } from '../dist/src/run/export/onnx.js';
import { deepTarget } from '../dist/src/suite/deep.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'eac-screenshots-'));
const run = join(folder, 'gelu-8-6-3-auto-seed0');
const deep = join(folder, 'deep');
const eac = (...args) =>
  execFileSync(process.execPath, ['bin/eac.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

/** What is taken: name, width, light or dark, from which heading (or the top), how high, and of which run. */
const pictures = [
  ['report-top', 900, 'light', undefined, 900],
  ['report-held-out', 900, 'light', '#held-out', 1020],
  ['report-network', 900, 'light', '#network', 830],
  ['report-students', 900, 'light', '#students', 610],
  ['report-clusters', 900, 'light', '#layer-1', 1720],
  ['report-truth', 900, 'light', '#truth', 770],
  ['report-deep', 900, 'light', '#layer-2', 1270, deep],
  ['report-phone-dark', 390, 'dark', undefined, 844],
];
try {
  eac('recover', 'examples/gelu-8-6-3.onnx', '--out', run, '--quiet');
  eac('compare', run, 'examples/gelu-8-6-3.onnx', '--report');
  writeFileSync(`${deep}.onnx`, encodeOnnx(deepTarget({ activation: 'tanh', depth: 3, seed: 2 })));
  eac('recover', `${deep}.onnx`, '--out', deep, '--quiet');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const [name, width, colorScheme, heading, height, of = run] of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(pathToFileURL(join(of, 'report.html')).href);
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
