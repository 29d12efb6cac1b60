import { splatAt } from './lanes';

// Numbers in all lanes, two of float64 or four of float32 by their type. They live in memory (see `constant`), each once
// for a type.

export function zero<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.0]));
}

export function half<T>(): v128 {
  return splatAt<T>(memory.data<T>([0.5]));
}

export function one<T>(): v128 {
  return splatAt<T>(memory.data<T>([1.0]));
}

export function two<T>(): v128 {
  return splatAt<T>(memory.data<T>([2.0]));
}

export function three<T>(): v128 {
  return splatAt<T>(memory.data<T>([3.0]));
}

export function four<T>(): v128 {
  return splatAt<T>(memory.data<T>([4.0]));
}

/** −0: the sign's bit alone. */
export function sign<T>(): v128 {
  return splatAt<T>(memory.data<T>([-0.0]));
}

/** One number in all lanes of float64, another in all of float32, each from a table of its type. */
@inline
export function either<T>(double: usize, single: usize): v128 {
  return sizeof<T>() === 8 ? v128.load64_splat(double) : v128.load32_splat(single);
}
