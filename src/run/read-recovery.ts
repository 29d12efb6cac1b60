import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { InputError } from '../base/errors.js';
import { schemaVersion } from './describe-recovery.js';
import { recoverySchema, type StoredRecovery } from './recovery-schema.js';
import { runFileNames } from './run-folder.js';

/**
 * Reads and checks recovery.json of a run folder. Throws `InputError` naming the file and the field when there
 * is none, when it is of another version, or when it does not hold what it should.
 */
export async function readRecovery(folder: string): Promise<StoredRecovery> {
  const file = join(folder, runFileNames.recovery);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'is not there'
        : code === undefined
          ? 'is no JSON'
          : `cannot be read (${code})`;
    throw new InputError(`${file} ${found}, expected the folder of a run that came to its end`, {
      cause: error,
    });
  }
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== schemaVersion) {
    throw new InputError(`${file} has the schema version ${version}, expected ${schemaVersion}`);
  }
  const result = v.safeParse(recoverySchema, content, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue) ?? 'the whole';
  throw new InputError(`${file} is damaged at ${at}: ${issue.message}`);
}
