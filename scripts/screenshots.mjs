// Takes the pictures of the report, of an audit and of the playground that docs/tour.md shows, after a build:
// node scripts/screenshots.mjs [report] [audit] [playground], all of them unless some are named.
// Needs Debian's chromium, and imagemagick, which makes the files small.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { playgroundFolder, servePlayground } from '../dist/src/cli/playground.js';
import { encodeOnnx } from '../dist/src/files/export/onnx.js';
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
const wanted = process.argv.slice(2);
const isWanted = (part) => wanted.length === 0 || wanted.includes(part);

/** Takes one picture of a page, and makes it small. */
async function take(page, name, clip) {
  const file = join(root, 'docs', 'figures', `${name}.png`);
  await page.screenshot({ path: file, fullPage: true, ...(clip && { clip }) });
  execFileSync('convert', [file, '-strip', '+dither', '-colors', '128', `PNG8:${file}`]);
}

async function takeReport(browser) {
  eac('recover', 'examples/gelu-8-6-3.onnx', '--out', run, '--quiet');
  eac('compare', run, 'examples/gelu-8-6-3.onnx', '--report');
  writeFileSync(`${deep}.onnx`, encodeOnnx(deepTarget({ activation: 'tanh', depth: 3, seed: 2 })));
  eac('recover', `${deep}.onnx`, '--out', deep, '--quiet');
  for (const [name, width, colorScheme, heading, height, of = run] of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(pathToFileURL(join(of, 'report.html')).href);
    const top =
      heading === undefined ? 0 : await page.locator(heading).evaluate((element) => element.offsetTop);
    await take(page, name, { x: 0, y: top, width, height });
    await page.close();
  }
}

async function takeAudit(browser) {
  const out = join(folder, 'audit');
  eac('audit', 'examples/tanh-8-4-1.onnx', '--out', out, '--quiet');
  const page = await browser.newPage({ viewport: { width: 900, height: 1200 } });
  await page.goto(pathToFileURL(join(out, 'report.html')).href);
  await take(page, 'audit-top', { x: 0, y: 0, width: 900, height: 1330 });
  await page.close();
}

/** Each of its pictures: name, width, height, light or dark, link, and whether the truth is shown. */
const pagePictures = [
  ['playground', 1200, 1260, 'light', '#draw=2-4-1&of=relu&weights=3&activation=relu&depth=1', true],
  ['playground-phone-dark', 390, 1900, 'dark', '#example=gelu-8-6-3&activation=gelu', false],
];

async function takePlayground(browser) {
  const server = await servePlayground(playgroundFolder, 0);
  for (const [name, width, height, colorScheme, link, hasTruth] of pagePictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`http://localhost:${server.address().port}/${link}`);
    await page.getByRole('button', { name: 'Recover', exact: true }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /^identified/ })
      .waitFor({ timeout: 120_000 });
    if (hasTruth) await page.getByRole('checkbox').check();
    await page.waitForTimeout(2000); // the last frame is drawn
    const top = width < 800 ? await page.locator('.views').evaluate((element) => element.offsetTop - 16) : 0;
    await take(page, name, { x: 0, y: top, width, height });
    await page.close();
  }
  server.closeAllConnections();
  server.close();
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  if (isWanted('report')) await takeReport(browser);
  if (isWanted('audit')) await takeAudit(browser);
  if (isWanted('playground')) await takePlayground(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
