import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fuzz, openReaders } from './readers.js';

const { readers, close } = await openReaders();
after(close);

/** Parquet files are read in a thread of their own each. `npm run test:fuzz` takes many more. */
const filesOf = (name: string) => (name === 'Parquet' ? 25 : 400);

for (const [name, reader] of Object.entries(readers)) {
  test(`${name}: what is read is read, and damaged files end in clear errors`, async () => {
    for (const seed of reader.seeds) await reader.read(seed.slice());
    const { read, rejected } = await fuzz(name, reader, filesOf(name));
    assert.equal(read + rejected, filesOf(name));
    assert.ok(rejected > 0 || name === 'kept answers');
  });
}
