import type { Command } from 'commander';
import { alignColumns } from '../base/align-columns.js';
import { parseQueueAddress } from '../queue/address.js';
import type { Overview } from '../queue/overview.js';
import type { CommandIo } from './io.js';

/** Adds `eac queue` to the command line. */
export function addQueueCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  program
    .command('queue')
    .description('list the runs, the jobs and the workers of a queue')
    .argument('<address>', 'redis://host:port or rediss://…')
    .option('--json', 'print one JSON object instead of the tables', false)
    .action(async (address: string, { json }: { readonly json: boolean }) => {
      const { lookAtQueue } = await import('../queue/overview.js');
      const overview = await lookAtQueue(parseQueueAddress(address));
      if (json) io.out(JSON.stringify(overview));
      else for (const line of overviewLines(overview)) io.out(line);
      finish(0);
    });
}

/** A queue in lines. */
function overviewLines({ place, runs, workers, jobs }: Overview): string[] {
  const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
  const lines = [
    `${place}: ${jobs.waiting} jobs wait, ${jobs.active} are worked on, ${workers.length} workers with ${threads} threads`,
  ];
  if (runs.length > 0) {
    const rows = runs.map(({ id, host, process: pid, started, given, done, title, isAlive }) => [
      ...[id, `${host}/${pid}`, isAlive ? 'runs' : 'gone', started.slice(0, 16).replace('T', ' ')],
      ...[String(given), String(done), title],
    ]);
    lines.push(
      '',
      ...alignColumns([['run', 'giver', 'state', 'started (UTC)', 'given', 'done', ''], ...rows]),
    );
  }
  if (workers.length > 0) {
    const rows = workers.map(({ host, process: pid, threads: own, started, done, refused, jobs: now }) => [
      ...[`${host}/${pid}`, String(own), started.slice(0, 16).replace('T', ' '), String(done)],
      refused || now.map(({ run, words }) => `${words} (${run.slice(0, 6)})`).join(', ') || 'waits',
    ]);
    lines.push('', ...alignColumns([['worker', 'threads', 'started (UTC)', 'done', 'works on'], ...rows]));
  }
  return lines;
}
