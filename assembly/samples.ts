import { STRIDE } from './lanes';

// Samples stand in blocks of rows, [block][x̃, then −y][sample]: the last row of x̃ ones, everything zero (the ones too)
// beyond the last sample. Memory holds a window of them, which the host fills: src/kernels/sample-window.ts.

/** Has the host put block `first` and those behind it, as many as the window holds, into the window of `problem`. */
@external("env", "fillWindow")
declare function fillWindow(problem: usize, first: i32): void;

/** Where block `index` of a problem stands: `rows` rows, in a window of `blocks` at `window`. In order from 0 on. */
export function blockAt(problem: usize, window: usize, blocks: i32, rows: i32, index: i32): usize {
  const place = index % blocks;
  if (place === 0) fillWindow(problem, index);
  return window + place * rows * STRIDE;
}
