// Recovers every example through the command line, as a user does, and measures the result against the truth.
//   node scripts/end-to-end.mjs [SEED…]        seed 0 when none is named
// Closes with one line, `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const seeds = process.argv.length > 2 ? process.argv.slice(2) : ['0'];
const limits = { weightError: 1e-9, seconds: 60 };

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

/** What is wrong with one recovery, in words; empty when nothing is. */
function recoverExample(file, activation, seed, folder) {
  const out = join(folder, `${basename(file, '.onnx')}-${seed}`);
  const found = eac('recover', file, '--activation', activation, '--seed', seed, '--out', out, '--json');
  if (found.result === undefined) return { wrong: [`exit code ${found.status}: ${found.stderr.trim()}`] };
  const { verdict, reason, seconds } = found.result;
  if (verdict !== 'identified' || found.status !== 0)
    return { wrong: [`${verdict} (exit code ${found.status}): ${reason}`] };
  const { result } = eac('compare', out, file, '--json');
  const { missing, excess, maxWeightError } = result;
  const wrong = [];
  if ([...missing, ...excess].some((count) => count > 0))
    wrong.push(`missing ${missing}, in excess ${excess}`);
  if (!(maxWeightError <= limits.weightError)) wrong.push(`weight error ${maxWeightError}`);
  if (!(seconds <= limits.seconds)) wrong.push(`${seconds} seconds`);
  return { wrong, seconds, maxWeightError };
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
try {
  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.onnx'));
  for (const seed of seeds) {
    for (const name of examples) {
      const activation = name.replace(/-\d.*$/, '').replaceAll('-', '_');
      check(`${name} seed ${seed}`, recoverExample(join('examples', name), activation, seed, folder));
    }
  }
  const { status, stderr } = eac('recover', 'examples/none.onnx');
  const sentence = stderr.split('\n').find((line) => line.startsWith('eac: '));
  check('a missing file', { wrong: status === 2 && sentence ? [] : [`exit code ${status}: ${stderr}`] });
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
