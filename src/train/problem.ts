/** What is learnt: classes, or numbers. */
export type Task = 'classification' | 'regression';

/** Per column, what is taken off and what the rest is divided by. */
export interface Scaling {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** Rows of a data set. */
export interface Examples {
  /** count × d, as in the data, not standardised. */
  readonly inputs: Float64Array | Uint8Array;
  /** One class index a row, or count × o numbers as in the data. */
  readonly targets: Float64Array;
  readonly count: number;
}

/** A data set made ready: what is learnt from, and what the network is judged by. */
export interface Problem {
  readonly task: Task;
  readonly inputDimension: number;
  /** Number of classes, or of numbers. */
  readonly outputDimension: number;
  /** What the classes are called, in the order of the outputs. */
  readonly classes?: readonly string[];
  /** How inputs are standardised before the network sees them; absent when they are taken as they are. */
  readonly inputScaling?: Scaling;
  readonly training: Examples;
  readonly heldOut: Examples;
}

/** Mean and deviation of every column of count × `width` numbers; a column that never varies has deviation 1. */
export function measureScaling(values: ArrayLike<number>, width: number): Scaling {
  const count = values.length / width;
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let i = 0; i < values.length; i++) means[i % width] += values[i] / count;
  for (let i = 0; i < values.length; i++) squares[i % width] += (values[i] - means[i % width]) ** 2 / count;
  // rounding of the mean alone leaves about 1e-16 of it
  const varies = (square: number, k: number) => Math.sqrt(square) > 1e-12 * Math.abs(means[k]);
  const deviations = squares.map((square, k) => (varies(square, k) ? Math.sqrt(square) : 1));
  return { means, deviations };
}

/**
 * How good outputs are (count × o), more being better: the share of rows whose largest output is the class, or
 * the coefficient of determination R², averaged over the outputs that vary. Null when none of them does.
 */
export function scoreOutputs(
  task: Task,
  outputs: Float64Array,
  targets: Float64Array,
  width: number,
): number | null {
  const count = outputs.length / width;
  if (task === 'classification') {
    let right = 0;
    for (let n = 0; n < count; n++) {
      const row = outputs.subarray(n * width, (n + 1) * width);
      if (row.indexOf(Math.max(...row)) === targets[n]) right++;
    }
    return right / count;
  }
  const { means } = measureScaling(targets, width);
  const scores: number[] = [];
  for (let k = 0; k < width; k++) {
    let [left, total] = [0, 0];
    for (let i = k; i < targets.length; i += width) {
      left += (targets[i] - outputs[i]) ** 2;
      total += (targets[i] - means[k]) ** 2;
    }
    if (total > 0) scores.push(1 - left / total);
  }
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score) / scores.length;
}

/**
 * What a network needs to be used beside its weights, as text: the task, the names of the classes as JSON, and
 * the means and deviations of the inputs, one for each or one for all where they are the same.
 */
export function describeProblem({ task, classes, inputScaling }: Problem): Record<string, string> {
  const list = (values: Float64Array) =>
    values.every((value) => value === values[0]) ? String(values[0]) : values.join(',');
  return {
    task,
    ...(classes && { classes: JSON.stringify(classes) }),
    ...(inputScaling && {
      input_means: list(inputScaling.means),
      input_deviations: list(inputScaling.deviations),
    }),
  };
}
