// A target that is a function: 2 inputs, 3 hidden tanh neurons, 1 output.
//   npx eac recover examples/targets/function.mjs --activation tanh
export const inputDimension = 2;

/** One query, an array of numbers; returns a number, an array of numbers, or a promise of either. */
export default function answer([x, y]) {
  return 1.5 * Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1) + 0.5 * Math.tanh(y - 0.5) + 0.2;
}
