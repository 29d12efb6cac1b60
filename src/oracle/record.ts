import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../base/errors.js';
import { encodeCsv, encodePairs } from '../files/data/encode.js';
import { explainWriteFailure, writeWhole } from '../files/write-file.js';
import { joined } from '../numeric/join.js';
import type { Target } from '../query/oracle.js';

/** Keeps every pair of query and answer. */
export interface Recorder {
  wrap(target: Target): Target;
  /** Writes the pairs so far, whole or not at all; does nothing when there is none. */
  write(): Promise<void>;
}

/**
 * Records pairs for a new file FILE.npz or FILE.csv. Throws `InputError` before anything is asked when the name
 * has another ending, the file is there, or its folder cannot be written; `flag` is the option that named it. With
 * `mayBeSingle` numbers that float32 holds exactly are written as such.
 */
export async function openRecorder(
  file: string,
  { flag = '--record', mayBeSingle = false }: { readonly flag?: string; readonly mayBeSingle?: boolean } = {},
): Promise<Recorder> {
  await checkDatasetFile(flag, file);
  const parts: { inputs: Float64Array; outputs: Float64Array; count: number }[] = [];
  return {
    wrap: (target) => async (inputs, count) => {
      const outputs = await target(inputs, count);
      if (outputs instanceof Float64Array)
        parts.push({ inputs: inputs.slice(), outputs: outputs.slice(), count });
      return outputs;
    },
    async write() {
      const count = parts.reduce((sum, part) => sum + part.count, 0);
      if (count === 0) return;
      const inputs = joined(parts.map((part) => part.inputs));
      const outputs = joined(parts.map((part) => part.outputs));
      const pairs = {
        inputs,
        outputs,
        count,
        inputDimension: inputs.length / count,
        outputDimension: outputs.length / count,
      };
      try {
        await writeWhole(file, /\.npz$/i.test(file) ? encodePairs(pairs, mayBeSingle) : encodeCsv(pairs));
      } catch (error) {
        throw explainWriteFailure(file, error);
      }
    },
  };
}

/** Throws `InputError` unless the option `flag` names a new file FILE.npz or FILE.csv that can be written. */
async function checkDatasetFile(flag: string, file: string): Promise<void> {
  if (!/\.(npz|csv)$/i.test(file)) {
    throw new InputError(`${flag} ${file} is no name for a dataset, expected FILE.npz or FILE.csv`);
  }
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new InputError(`${flag} ${file} exists, expected a new name`);
  try {
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw explainWriteFailure(file, error);
  }
}
