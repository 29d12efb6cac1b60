// Recovers the same network through every kind of target, and compares what comes out.
//   node scripts/check-targets.mjs [SEED]
// A recorded dataset is tried where `eac recover` has the option --data, and the larger network where a folder
// of targets lies beside the repository. Closes with one line, `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readNetwork } from '../dist/src/files/network/read-network.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const seed = process.argv[2] ?? '0';
const largestError = 1e-9;
const models = [
  { file: 'examples/tanh-8-4-1.onnx', activation: 'tanh' },
  { file: '../shared/targets/digits-relu-64-16-10.onnx', activation: 'relu' },
];

const eac = (...args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bin/eac.js'), ...args], { cwd: root });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => (output[name] += text));
    child.on('close', (status) => resolve({ status, ...output }));
  });

/** Files that answer as the network does, in float64: a module, a Python program, a server. */
async function writeTargets(file, folder) {
  const open = pathToFileURL(join(root, 'dist/src/files/onnx/open.js')).href;
  writeFileSync(
    join(folder, 'target.mjs'),
    `import { readFileSync } from 'node:fs';
import { openOnnx } from ${JSON.stringify(open)};
const model = openOnnx(readFileSync(${JSON.stringify(join(root, file))}), 'model', { precision: 'float64' });
export const inputDimension = model.inputDimension;
export default function answer(inputs, count) { return model.evaluate(inputs, count); }
`,
  );
  writeFileSync(
    join(folder, 'server.mjs'),
    `import { createServer } from 'node:http';
import answer from './target.mjs';
const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(404).end();
  let body = '';
  for await (const part of request) body += part;
  const rows = JSON.parse(body).instances;
  const answers = answer(Float64Array.from(rows.flat()), rows.length);
  const o = answers.length / rows.length;
  response.end(JSON.stringify({ predictions: rows.map((_, n) => Array.from(answers.subarray(n * o, (n + 1) * o))) }));
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
`,
  );
  const { activation, layers } = await readNetwork(join(root, file));
  const rows = ({ inputs, outputs, weights, biases }) =>
    Array.from({ length: outputs }, (_, j) => [
      [...weights.subarray(j * inputs, (j + 1) * inputs)],
      biases[j],
    ]);
  writeFileSync(join(folder, 'layers.json'), JSON.stringify(layers.map(rows)));
  writeFileSync(
    join(folder, 'target.py'),
    `import json, math, pathlib, sys
layers = json.loads((pathlib.Path(__file__).parent / 'layers.json').read_text())
def activation(z):
    return ${activation === 'relu' ? 'max(0.0, z)' : 'math.tanh(z)'}
for line in sys.stdin:
    x = [float(word) for word in line.split(',')]
    for i, layer in enumerate(layers):
        x = [sum(w * v for w, v in zip(row, x)) + bias for row, bias in layer]
        if i + 1 < len(layers):
            x = [activation(z) for z in x]
    print(','.join(map(repr, x)))
`,
  );
}

let passed = 0;
let failed = 0;
function check(name, wrong, figures = '') {
  if (wrong) failed++;
  else passed++;
  console.log(`${wrong ? 'FAIL' : 'ok  '} ${name.padEnd(42)} ${wrong || figures}`);
}

const hasPython = spawnSync('python3', ['--version']).status === 0;
const { stdout: help } = await eac('recover', '--help');
for (const { file, activation } of models) {
  const name = file.replace(/^.*\/|\.onnx$/g, '');
  if (!existsSync(join(root, file))) {
    console.log(`skip ${name}: ${file} is not there`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'eac-check-targets-'));
  await writeTargets(file, folder);
  const server = spawn(process.execPath, [join(folder, 'server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(Number(text))));
    const d = String((await readNetwork(join(root, file))).layers[0].inputs);
    const record = join(folder, 'pairs.npz');
    const ways = {
      'an ONNX file': [file, '--precision', 'float64', '--record', record],
      HTTP: [`http://127.0.0.1:${port}/v1/models/net`, '--protocol', 'tf-serving', '--input-dimension', d],
      ...(hasPython && {
        'a Python process': ['--exec', `python3 ${join(folder, 'target.py')}`, '--input-dimension', d],
      }),
      'a function': [join(folder, 'target.mjs')],
      ...(/--data\b/.test(help) && { 'a recorded dataset': ['--data', record] }),
    };
    for (const [way, args] of Object.entries(ways)) {
      const out = join(folder, way.replaceAll(' ', '-'));
      const common = ['--activation', activation, '--seed', seed, '--out', out, '--json'];
      const { status, stdout, stderr } = await eac('recover', ...args, ...common);
      const label = `${name} through ${way}`;
      if (status !== 0) {
        check(
          label,
          `exit code ${status}: ${stdout ? JSON.parse(stdout).reason : stderr.trim().split('\n').at(-1)}`,
        );
        continue;
      }
      const { queries, seconds } = JSON.parse(stdout);
      const { missing, excess, maxWeightError } = JSON.parse(
        (await eac('compare', out, file, '--json')).stdout,
      );
      const isSame = missing[0] + excess[0] === 0 && maxWeightError <= largestError;
      const figures = `weight error ${maxWeightError?.toExponential(1)}, ${queries} queries, ${seconds.toFixed(1)} s`;
      check(label, isSame ? '' : `missing ${missing}, in excess ${excess}, ${figures}`, figures);
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
