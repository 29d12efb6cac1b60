// Runs the synthetic suite on three workers of a queue while they, Redis and the giver are killed at random moments, and
// compares the records with those of one thread. After a build, with redis-server installed:
//   node scripts/soak-queue.mjs [ACTIVATION] [SEED] [SECONDS BETWEEN KILLS AT MOST] [OPTIONS OF THE SUITE]
import { soak } from '../dist/test/queue/soak.js';

const [activation = 'g', seed = '0', most = '4', ...more] = process.argv.slice(2);
const result = await soak({
  suite: ['suite', 'synthetic', '--activation', activation, '--json', ...more],
  workers: 3,
  between: [0.5, Number(most)],
  redis: 0.1,
  giver: 0.05,
  seed: Number(seed),
  note: (line) => console.log(line),
});
console.log(`${result.records} records, the same as those of one thread`);
