// Recovers every example through the command line, as a user does, and measures the result against the truth: from its
// answers, and for a few networks from float32 answers, within bounds and from pairs; and one with two hidden layers.
//   node scripts/end-to-end.mjs [SEED…]        seed 0 when none is named
// Closes with one line, `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../dist/src/base/random.js';
import { encodeOnnx, openOnnx } from '../dist/src/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const seeds = process.argv.length > 2 ? process.argv.slice(2) : ['0'];
const limits = { weightError: 1e-9, inFloat32: 1e-4, seconds: 60 };

/** Runs `npx eac …` and returns its exit code and the JSON object on its stdout. */
function eac(...args) {
  const { status, stdout, stderr } = spawnSync('npx', ['eac', ...args], {
    cwd: root,
    encoding: 'utf8',
    shell: false,
  });
  if (stdout.trim() === '') return { status, stderr };
  return { status, stderr, result: JSON.parse(stdout) };
}

/**
 * What is wrong with one recovery, in words; empty when nothing is. `how` is the target and options of `eac recover`,
 * `truth` the file that holds the weights, `limit` the largest weight error.
 */
function recoverAndCompare(how, truth, seed, name, limit) {
  const out = join(folder, `${name.replaceAll(' ', '-')}-${seed}`);
  const found = eac('recover', ...how, '--seed', seed, '--out', out, '--json');
  if (found.result === undefined) return { wrong: [`exit code ${found.status}: ${found.stderr.trim()}`] };
  const { verdict, reason, seconds } = found.result;
  if (verdict !== 'identified' || found.status !== 0)
    return { wrong: [`${verdict} (exit code ${found.status}): ${reason}`] };
  const { result } = eac('compare', out, truth, '--json');
  const { missing, excess, maxWeightError } = result;
  const wrong = [];
  if ([...missing, ...excess].some((count) => count > 0))
    wrong.push(`missing ${missing}, in excess ${excess}`);
  if (!(maxWeightError <= limit)) wrong.push(`weight error ${maxWeightError}`);
  if (!(seconds <= limits.seconds)) wrong.push(`${seconds} seconds`);
  return { wrong, seconds, maxWeightError };
}

/** Writes a network of two hidden layers with random weights, and returns its file. */
function writeDeep() {
  const random = randomStream('end to end', 'deep');
  const layers = [
    [5, 4],
    [4, 3],
    [3, 1],
  ].map(([inputs, outputs]) => ({
    inputs,
    outputs,
    weights: Float64Array.from({ length: inputs * outputs }, () => (2 * random.normal()) / Math.sqrt(inputs)),
    biases: Float64Array.from({ length: outputs }, () => random.normal()),
  }));
  const file = join(folder, 'tanh-5-4-3-1.onnx');
  writeFileSync(file, encodeOnnx({ activation: 'tanh', slope: 0, layers }));
  return file;
}

/** Writes 2,000 pairs of an example as CSV, and returns the file. */
async function writePairs(example) {
  const model = await openOnnx(readFileSync(join(root, example)));
  const random = randomStream('end to end', 'pairs');
  const d = model.inputDimension;
  const count = 2000;
  const inputs = Float64Array.from({ length: count * d }, () => random.normal());
  const outputs = await model.evaluate(inputs, count);
  const o = outputs.length / count;
  const rows = Array.from({ length: count }, (_, n) =>
    [...inputs.subarray(n * d, (n + 1) * d), ...outputs.subarray(n * o, (n + 1) * o)].join(','),
  );
  const names = [
    ...Array.from({ length: d }, (_, k) => `x${k}`),
    ...Array.from({ length: o }, (_, k) => `y${k}`),
  ];
  const file = join(folder, 'pairs.csv');
  writeFileSync(file, [names.join(','), ...rows].join('\n'));
  return file;
}

let passed = 0;
let failed = 0;
function check(name, { wrong, seconds, maxWeightError }) {
  if (wrong.length > 0) failed++;
  else passed++;
  const figures =
    seconds === undefined ? '' : `${seconds.toFixed(1)} s, weight error ${maxWeightError.toExponential(1)}`;
  console.log(`${wrong.length > 0 ? 'FAIL' : 'ok  '} ${name.padEnd(28)} ${wrong.join('; ') || figures}`);
}

const folder = mkdtempSync(join(tmpdir(), 'eac-end-to-end-'));
const tanh = 'examples/tanh-8-4-1.onnx';
try {
  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.onnx'));
  const deep = writeDeep();
  const pairs = await writePairs(tanh);
  for (const seed of seeds) {
    const run = (name, how, truth, limit = limits.weightError) =>
      check(`${name} seed ${seed}`, recoverAndCompare(how, truth, seed, name, limit));
    for (const name of examples) {
      const activation = name.replace(/-\d.*$/, '').replaceAll('-', '_');
      run(name, [join('examples', name), '--activation', activation], join('examples', name));
    }
    run('two hidden layers', [deep], deep);
    run('float32 answers', [tanh, '--precision', 'float32'], tanh, limits.inFloat32);
    run('within bounds', [tanh, '--bounds=-2,3'], tanh);
    run('from pairs', ['--data', pairs, '--activation', 'tanh'], tanh);
  }
  const { status, stderr } = eac('recover', 'examples/none.onnx');
  const sentence = stderr.split('\n').find((line) => line.startsWith('eac: '));
  check('a missing file', { wrong: status === 2 && sentence ? [] : [`exit code ${status}: ${stderr}`] });
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
