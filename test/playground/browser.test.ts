import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { playgroundFolder, servePlayground } from '../../src/cli/playground.js';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { readOnnxNetwork } from '../../src/files/network/network-from-onnx.js';
import { example } from '../cli/eac.js';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const skip = executablePath === undefined ? 'no Chromium on this machine' : false;

let browser: Browser | undefined;
let server: Server;
let address = '';
before(async () => {
  if (executablePath === undefined) return;
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  server = await servePlayground(playgroundFolder, 0);
  address = `http://localhost:${(server.address() as AddressInfo).port}/`;
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** A page that has its link open, and what went wrong in it or was asked of others. */
async function open(link = '', options: BrowserContextOptions = {}, at = address) {
  const context = await browser!.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  const elsewhere: string[] = [];
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(at)) elsewhere.push(request.url());
  });
  await page.goto(`${at}${link}`);
  return { context, page, troubles, elsewhere };
}

const status = (page: Page, words: RegExp) =>
  page.getByRole('status').filter({ hasText: words }).waitFor({ timeout: 60_000 });

async function download(page: Page, name: string): Promise<Buffer> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name, exact: true }).click();
  return readFile(await (await waiting).path());
}

test('an example is recovered in one click, with its files, and the truth beside it on request', {
  skip,
}, async () => {
  const { context, page, troubles, elsewhere } = await open();
  await page.getByRole('button', { name: 'tanh-8-4-1' }).click();
  await status(page, /^identified: 4 hidden neurons/);
  const found = readOnnxNetwork(await download(page, 'network.onnx'), 'network.onnx');
  const truth = readOnnxNetwork(await readFile(example('tanh-8-4-1')), 'truth');
  assert.ok(compareNetworks(found, truth).maxWeightError! < 1e-9);
  assert.match(String(await download(page, 'report.html')), /<strong>Identified<\/strong>/);
  assert.equal(await page.getByText('0 neurons missing').count(), 0, 'the truth is not shown unasked');
  await page.getByRole('checkbox').check();
  await page.getByText('0 neurons missing, 0 in excess').waitFor();
  await page.getByRole('img', { name: /joined by average linkage; cut at/ }).waitFor();
  assert.match(page.url(), /#example=tanh-8-4-1&/);
  // nothing broke the policy, and nobody else was asked
  assert.deepEqual([troubles, elsewhere], [[], []]);
  await context.close();
});

test('a file that is dropped is recovered, one that is none is told', { skip }, async () => {
  const { context, page, troubles } = await open('#activation=tanh&depth=1');
  const rows = Array.from({ length: 300 }, (_, n) => {
    const [x, y] = [2 * Math.sin(n), 2 * Math.cos(1.7 * n)];
    return `${x},${y},${Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1)}`;
  });
  const drop = async (name: string, text: string) => {
    const data = await page.evaluateHandle(
      ([file, content]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([content], file));
        return transfer;
      },
      [name, text],
    );
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  };
  await drop('pairs.csv', ['x,y,z', ...rows].join('\n'));
  await status(page, /^identified: 2 hidden neurons/);
  await page.getByText('300 pairs in pairs.csv').waitFor();
  await drop('letter.docx', 'Dear Sir');
  await status(page, /^letter\.docx is no file that is read here/);
  assert.deepEqual(troubles, []);
  await context.close();
});

test('a link sets the page, is changed with it, and a wrong one is told', { skip }, async () => {
  const { context, page } = await open(
    '#draw=2-3-1&of=tanh&weights=4&activation=tanh&depth=1&seed=5&width=6',
  );
  assert.deepEqual(
    await Promise.all(
      ['Sizes', 'Weights by seed', 'Seed', 'Width of students'].map((name) =>
        page.getByLabel(name, { exact: true }).inputValue(),
      ),
    ),
    ['2-3-1', '4', '5', '6'],
  );
  await page.getByRole('button', { name: 'Recover', exact: true }).click();
  // what is typed stays while the page is drawn again
  await page.getByLabel('Most queries', { exact: true }).fill('9999');
  await page.getByLabel('Sizes', { exact: true }).fill('2-4-1');
  await status(page, /^identified: 3 hidden neurons/);
  assert.equal(await page.getByLabel('Most queries', { exact: true }).inputValue(), '9999');
  assert.equal(await page.getByLabel('Sizes', { exact: true }).inputValue(), '2-4-1');
  await page.getByLabel('Most queries', { exact: true }).fill('');
  await page.getByRole('heading', { name: 'Where the neurons bend' }).waitFor();
  await page.getByLabel('Seed', { exact: true }).fill('6');
  await page.getByLabel('Seed', { exact: true }).press('Enter');
  await page.waitForURL(/&seed=6&width=6/);
  await context.close();
  const wrong = await open('#depth=17');
  await wrong.page
    .getByRole('alert')
    .filter({ hasText: "depth is '17', expected an integer from 1 to 4" })
    .waitFor();
  await wrong.context.close();
});

test('it pauses in the midst of training, steps, goes on and stops', { skip }, async () => {
  const { context, page } = await open('#example=g-2-8-1&seed=3');
  const losses = page.getByRole('img', { name: 'Losses' });
  const seen = async () => (await losses.screenshot()).toString('base64');
  const settle = () => page.waitForTimeout(400);
  await page.getByRole('button', { name: 'Recover', exact: true }).click();
  // from within the page: on a busy machine the run may be over before a click comes from outside
  await page.waitForFunction(() => {
    const line = document.querySelector('.status')?.textContent ?? '';
    if (!/^Running: expand, students of width/.test(line)) return false;
    [...document.querySelectorAll('button')].find((one) => one.textContent === 'Pause')!.click();
    return true;
  });
  await status(page, /^Paused: expand/);
  await settle();
  const rested = await seen();
  const seconds = await page.locator('.numbers').textContent();
  await settle();
  assert.equal(await seen(), rested, 'nothing is trained while it rests');
  assert.equal(await page.locator('.numbers').textContent(), seconds, 'a pause is none of its time');
  // a student that only begins has no line yet
  for (let steps = 0; steps < 10 && (await seen()) === rested; steps++) {
    await page.getByRole('button', { name: 'Step' }).click();
    await settle();
  }
  assert.notEqual(await seen(), rested, 'a step is seen');
  await status(page, /^Paused/);
  await page.getByRole('button', { name: 'Go on' }).click();
  // the tree is there before the end, cut in its widest gap; then as it was cut in the recovery
  const tree = page.getByRole('figure', {
    name: /^The neurons of the best students, .* cut in its widest gap/,
  });
  await tree.waitFor({ timeout: 60_000 });
  await status(page, /^identified/);
  await page
    .getByRole('figure', { name: /^The neurons of the best students, .* students, cut at / })
    .waitFor();
  await page.getByRole('button', { name: 'Recover', exact: true }).click();
  await page.getByRole('button', { name: 'Stop' }).click();
  await status(page, /^The run was stopped/);
  await context.close();
});

/** Serves the page, workers of a kind that die when they are told anything for the first `deaths` times. */
async function serveDying(worker: string, deaths: number): Promise<Server> {
  let asked = 0;
  const dying = createServer(async (request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1);
    const isDead = name === worker && asked++ < deaths;
    const content = isDead
      ? 'onmessage = () => { throw new Error("no memory is left"); };'
      : await readFile(join(playgroundFolder, name)).catch(() => undefined);
    const types: Record<string, string> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
      '.css': 'text/css',
    };
    response.writeHead(content === undefined ? 404 : 200, {
      'Content-Type': types[extname(name)] ?? 'text/plain',
      'Cache-Control': 'no-store',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => dying.listen(0, 'localhost', resolve));
  return dying;
}

test('a worker that dies is replaced; where all die, the page says so', { skip }, async (t) => {
  for (const [worker, deaths, words] of [
    ['student-worker.js', 2, /^identified: 4 hidden neurons/],
    ['student-worker.js', 1000, /^3 workers died of one piece of training: .*no memory is left/],
    // without charts a run comes to its end all the same
    ['chart-worker.js', 1, /^identified: 4 hidden neurons/],
    ['chart-worker.js', 1000, /^identified: 4 hidden neurons/],
    ['engine-worker.js', 1000, /^the worker that leads the run died: .*no memory is left/],
  ] as const) {
    const dying = await serveDying(worker, deaths);
    t.after(() => dying.close());
    const at = `http://localhost:${(dying.address() as AddressInfo).port}/`;
    const { context, page } = await open('#activation=tanh&depth=1', { serviceWorkers: 'block' }, at);
    await page.getByRole('button', { name: 'tanh-8-4-1' }).click();
    await status(page, words);
    await context.close();
    dying.closeAllConnections();
    dying.close();
  }
});

test('once it was loaded it works without a network', { skip }, async (t) => {
  const own = await servePlayground(playgroundFolder, 0);
  t.after(() => own.close());
  const at = `http://localhost:${(own.address() as AddressInfo).port}/`;
  const { context, page } = await open('', {}, at);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (navigator.serviceWorker.controller === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
  });
  own.closeAllConnections();
  await new Promise((resolve) => own.close(resolve));
  await page.reload();
  await page.getByRole('button', { name: 'tanh-8-4-1' }).click();
  await status(page, /^identified: 4 hidden neurons/);
  await page.getByRole('link', { name: 'report.html' }).waitFor();
  await context.close();
});

test('keyboard, names for screen readers, a phone in the dark', { skip }, async () => {
  const { context, page } = await open('', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  const names = await page.locator('button, select, input, canvas').evaluateAll((all) =>
    all.map((one) => {
      const labels = (one as HTMLInputElement).labels;
      return (
        one.getAttribute('aria-label') || one.textContent?.trim() || labels?.[0]?.textContent?.trim() || ''
      );
    }),
  );
  assert.ok(names.length > 15 && names.every((name) => name !== ''), JSON.stringify(names));
  await page.getByRole('button', { name: 'tanh-8-4-1' }).focus();
  await page.keyboard.press('Enter');
  await status(page, /^identified/);
  await page.getByRole('link', { name: 'report.html' }).waitFor();
  const { wide, paper } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    paper: getComputedStyle(document.body).backgroundColor,
  }));
  assert.ok(wide <= 390, `the page is ${wide} pixels wide on a phone of 390`);
  assert.equal(paper, 'rgb(18, 22, 27)');
  await context.close();
});

test('the server gives the page alone, with its policy, and to no other method', async (t) => {
  const own = await servePlayground(playgroundFolder, 0);
  t.after(() => {
    own.closeAllConnections();
    own.close();
  });
  const at = `http://localhost:${(own.address() as AddressInfo).port}`;
  const page = await fetch(`${at}/`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy')!;
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  assert.ok((await page.text()).includes(policy), 'the page says the same where a server does not');
  for (const path of ['/..%2fpackage.json', '/../package.json', '/none.js', '/.html', '/figures/a.js'])
    assert.equal((await fetch(`${at}${path}`)).status, 404, path);
  assert.equal((await fetch(`${at}/`, { method: 'POST' })).status, 404);
  const { port } = own.address() as AddressInfo;
  await assert.rejects(
    servePlayground(playgroundFolder, port),
    /^InputError: port \d+ cannot be had \(EADDRINUSE\)/,
  );
  await assert.rejects(servePlayground('/nowhere', 0), /does not hold the page/);
});
