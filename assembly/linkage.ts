// Average linkage by the nearest-neighbour chain: follow nearest neighbours until two groups are each other's
// nearest, merge these, go on with what is left of the chain. The distances fill a full square matrix, so that a
// search reads one contiguous row. A merged group takes one of the two slots and the last slot moves into the
// other, so that the matrix shrinks and later searches are shorter.

/** Rows and columns that are mirrored at a time. */
const TILE = 32;
const LARGEST: f64 = 1e300;

/**
 * Mirrors the upper triangle of a square matrix (`stride` bytes per row) to the lower, and sets the diagonal to
 * Infinity. Returns false when an entry is NaN or too large for the sums of the means.
 */
export function mirror(matrix: usize, n: i32, stride: usize): bool {
  let valid = true;
  for (let top = 0; top < n; top += TILE) {
    for (let left = top; left < n; left += TILE) {
      const right = min(n, left + TILE);
      for (let i = top; i < min(n, top + TILE); i++) {
        const row = matrix + i * stride;
        for (let j = max(left, i + 1); j < right; j++) {
          const value = load<f64>(row + 8 * j);
          valid &= value < LARGEST;
          store<f64>(matrix + j * stride + 8 * i, value);
        }
      }
    }
  }
  for (let i = 0; i < n; i++) store<f64>(matrix + i * stride + 8 * i, Infinity);
  return valid;
}

/** Index of the smallest of `n` doubles; the first of equals. */
export function indexOfSmallest(row: usize, n: i32): i32 {
  let best: f64 = Infinity;
  let limit = f64x2.splat(best);
  let found = row;
  let at = row;
  // sixteen at a time: whether they hold a new smallest entry is seldom true, and where it stands can wait
  for (const end = row + 8 * (n & ~15); at < end; at += 128) {
    const a = f64x2.pmin(v128.load(at), v128.load(at, 16));
    const b = f64x2.pmin(v128.load(at, 32), v128.load(at, 48));
    const c = f64x2.pmin(v128.load(at, 64), v128.load(at, 80));
    const d = f64x2.pmin(v128.load(at, 96), v128.load(at, 112));
    const smallest = f64x2.pmin(f64x2.pmin(a, b), f64x2.pmin(c, d));
    if (v128.any_true(f64x2.lt(smallest, limit))) {
      best = min(f64x2.extract_lane(smallest, 0), f64x2.extract_lane(smallest, 1));
      limit = f64x2.splat(best);
      found = at;
    }
  }
  for (const end = row + 8 * n; at < end; at += 8) {
    if (load<f64>(at) < best) {
      best = load<f64>(at);
      found = at;
    }
  }
  while (load<f64>(found) !== best) found += 8;
  return <i32>((found - row) >> 3);
}

/** Row y becomes the mean of the rows x and y, weighted by the groups' sizes. */
function mergeRows(x: usize, y: usize, n: i32, sizeX: f64, sizeY: f64): void {
  const wx = f64x2.splat(sizeX);
  const wy = f64x2.splat(sizeY);
  const total = f64x2.splat(sizeX + sizeY);
  for (const end = y + 8 * n; y < end; y += 16) {
    const sum = f64x2.add(f64x2.mul(wx, v128.load(x)), f64x2.mul(wy, v128.load(y)));
    v128.store(y, f64x2.div(sum, total));
    x += 16;
  }
}

/**
 * Average linkage of a square matrix of finite distances with Infinity on the diagonal (see `mirror`), which is
 * overwritten. Writes n − 1 merges of three doubles, in the order in which they are found: a member of each
 * group, and the height. `work` is 24·n bytes and begins with the n sizes of the groups, doubles.
 */
export function averageLinkage(matrix: usize, n: i32, stride: usize, work: usize, merges: usize): void {
  const sizes = work;
  const members = sizes + 8 * n;
  const chain = members + 4 * n;
  /** Where a slot stands in the chain, plus one; 0 for nowhere. */
  const places = chain + 4 * n;
  for (let slot = 0; slot < n; slot++) {
    store<i32>(members + 4 * slot, slot);
    store<i32>(places + 4 * slot, 0);
  }
  let length = 0;
  while (n > 1) {
    if (length === 0) {
      store<i32>(chain, 0);
      store<i32>(places, 1);
      length = 1;
    }
    const x = load<i32>(chain + 4 * (length - 1));
    const row = matrix + x * stride;
    let y = indexOfSmallest(row, n);
    const height = load<f64>(row + 8 * y);
    const previous = length > 1 ? load<i32>(chain + 4 * (length - 2)) : -1;
    if (previous < 0 || load<f64>(row + 8 * previous) !== height) {
      // already further down in the chain: only when means differ by their rounding; go on from there
      for (const place = load<i32>(places + 4 * y); place !== 0 && length >= place; ) {
        length--;
        store<i32>(places + 4 * load<i32>(chain + 4 * length), 0);
      }
      store<i32>(chain + 4 * length, y);
      length++;
      store<i32>(places + 4 * y, length);
      continue;
    }
    // x and y are each other's nearest: slot y takes the merged group
    y = previous;
    length -= 2;
    store<f64>(merges, <f64>load<i32>(members + 4 * x));
    store<f64>(merges, <f64>load<i32>(members + 4 * y), 8);
    store<f64>(merges, height, 16);
    merges += 24;
    const sizeX = load<f64>(sizes + 8 * x);
    const sizeY = load<f64>(sizes + 8 * y);
    const rowY = matrix + y * stride;
    mergeRows(row, rowY, n, sizeX, sizeY);
    store<f64>(rowY + 8 * y, Infinity);
    store<f64>(sizes + 8 * y, sizeX + sizeY);
    store<i32>(places + 4 * y, 0);
    store<i32>(places + 4 * x, 0);
    // the last slot moves into slot x
    n--;
    if (x !== n) {
      memory.copy(row, matrix + n * stride, 8 * n);
      store<f64>(row + 8 * x, Infinity);
      if (y === n) {
        y = x;
      } else {
        store<f64>(row + 8 * y, load<f64>(rowY + 8 * n));
        store<f64>(rowY + 8 * x, load<f64>(rowY + 8 * n));
      }
      store<f64>(sizes + 8 * x, load<f64>(sizes + 8 * n));
      store<i32>(members + 4 * x, load<i32>(members + 4 * n));
      const place = load<i32>(places + 4 * n);
      store<i32>(places + 4 * x, place);
      if (place !== 0) store<i32>(chain + 4 * (place - 1), x);
    }
    writeColumns(matrix, n, stride, x, y);
  }
}

/** Copies the rows x and y to the columns x and y; x may be one beyond the last. */
function writeColumns(matrix: usize, n: i32, stride: usize, x: i32, y: i32): void {
  const rowX = matrix + x * stride;
  const rowY = matrix + y * stride;
  let at = matrix;
  for (let i = 0; i < n; i++) {
    store<f64>(at + 8 * x, load<f64>(rowX + 8 * i));
    store<f64>(at + 8 * y, load<f64>(rowY + 8 * i));
    at += stride;
  }
}
