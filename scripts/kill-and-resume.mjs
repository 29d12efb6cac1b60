// Kills a recovery with SIGKILL at random moments, lets it go on each time, and compares its answer with that of
// an uninterrupted run.
//   node scripts/kill-and-resume.mjs [KILLS] [SEED] [TARGET ACTIVATION]
// Every run is killed twice, or less often where it ends before, until KILLS (20) is reached.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../dist/src/base/random.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const kills = Number(process.argv[2] ?? 20);
const killsOfOneRun = 2;
const random = randomStream(Number(process.argv[3] ?? 0), 'kill and resume');
const [target, activation] =
  process.argv.length > 5 ? process.argv.slice(4) : ['examples/softplus-16-8-1.onnx', 'softplus'];
const folder = mkdtempSync(join(tmpdir(), 'eac-kill-'));

/** Runs a recovery, killed after `milliseconds` unless it ends before; returns its exit code, null when killed. */
function recover(out, milliseconds) {
  return new Promise((resolve) => {
    const args = [
      'bin/eac.js',
      'recover',
      target,
      '--activation',
      activation,
      '--out',
      join(folder, out),
      '--json',
    ];
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
    const timer =
      milliseconds === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function resultOf(out) {
  const { seconds: _, ...rest } = JSON.parse(readFileSync(join(folder, out, 'recovery.json'), 'utf8'));
  return JSON.stringify(rest) + readFileSync(join(folder, out, 'network.onnx'), 'hex');
}

let passed = 0;
let failed = 0;
try {
  const start = performance.now();
  const code = await recover('whole');
  const whole = performance.now() - start;
  console.log(`uninterrupted: exit code ${code} after ${Math.round(whole)} ms`);
  let killed = 0;
  for (let run = 1; killed < kills; run++) {
    const moments = [];
    let end = null;
    while (end === null) {
      const moment = Math.round(random.uniform() * whole * 0.9);
      end = await recover(
        `run-${run}`,
        killed < kills && moments.length < killsOfOneRun ? moment : undefined,
      );
      if (end !== null) break;
      killed++;
      moments.push(moment);
    }
    const same = end === code && resultOf(`run-${run}`) === resultOf('whole');
    if (same) passed++;
    else failed++;
    console.log(
      `${same ? 'ok  ' : 'FAIL'} killed after ${moments.join(', ') || 'nothing'} ms: exit code ${end}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
