import { randomStream } from '../../src/base/random.js';
import { main } from '../../src/cli/main.js';

/** 400 rows: three inputs in their own units, a number and a class in words that follow from them. */
export function animals(): string {
  const random = randomStream('animals');
  const rows = Array.from({ length: 400 }, () => {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const kind = ['ant', 'bee', 'cat'][[a, b, c].indexOf(Math.max(a, b, c))];
    return [5 + a, 100 * b, 0.01 * c - 3, 7 * a - 2 * Math.abs(b) + 40, kind].join(',');
  });
  return `length,weight,angle,price,kind\n${rows.join('\n')}\n`;
}

/** Runs the command line in this process. */
export async function eac(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  let err = '';
  const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WriteStream;
  const code = await main(args, { out: (line) => out.push(line), stderr });
  return { code, out, err };
}
