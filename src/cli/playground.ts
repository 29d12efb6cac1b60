import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { contentPolicy, serviceWorkerPolicy } from '../playground/content-policy.js';
import type { CommandIo } from './io.js';
import { integer } from './option-table.js';

/** Where the build puts the page. */
export const playgroundFolder = fileURLToPath(new URL('../../playground', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Adds `eac playground` to the command line. */
export function addPlaygroundCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  program
    .command('playground')
    .description('serve a page on this machine in which the same engine runs, in the browser alone')
    .option('--port <n>', 'port on this machine; 0 for any that is free', integer('--port', 0, 65_535), 8000)
    .action(async ({ port }: { readonly port: number }) => {
      const server = await servePlayground(playgroundFolder, port);
      const address = server.address();
      const at = typeof address === 'object' && address !== null ? address.port : port;
      io.out(`http://localhost:${at}/`);
      io.stderr.write('serving until Ctrl-C; nothing leaves this machine\n');
      const stop = () => {
        server.closeAllConnections();
        server.close();
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
      await new Promise((resolve) => server.once('close', resolve));
      finish(0);
    });
}

/**
 * Serves the files of a folder to this machine alone. Throws `InputError` when the page is not built or the port cannot
 * be had.
 */
export async function servePlayground(folder: string, port: number): Promise<Server> {
  await readFile(join(folder, 'index.html')).catch((error: unknown) => {
    throw new InputError(`${folder} does not hold the page, expected it there after npm run build`, {
      cause: error,
    });
  });
  const server = createServer(async (request, response) => {
    const headers = {
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    };
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const type = types[extname(name)];
    const isRight = request.method === 'GET' || request.method === 'HEAD';
    // one folder without folders in it: no name can lead out of it
    const content =
      isRight && type !== undefined && /^\w[\w.-]*$/.test(name) ? await read(join(folder, name)) : undefined;
    if (content === undefined) {
      response.writeHead(404, { ...headers, 'Content-Type': 'text/plain' }).end('not found\n');
      return;
    }
    const policy = name === 'service-worker.js' ? serviceWorkerPolicy : contentPolicy;
    response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Security-Policy': policy });
    response.end(request.method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new InputError(`port ${port} cannot be had (${error.code}), expected another with --port`));
    });
    server.listen(port, 'localhost', resolve);
  });
  return server;
}

const read = (file: string) => readFile(file).catch(() => undefined);
