// Recovers a network from pairs that somebody collected: nothing is asked. 2 inputs, 2 hidden tanh neurons.
import { recoverFromPairs } from 'expand-and-cluster';

const secret = (x, y) => 1.5 * Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1);

// 1200 points that fill the square from −3 to 3 evenly, and the answer to each
const count = 1200;
const inputs = Float64Array.from({ length: 2 * count }, (_, i) => {
  const step = i % 2 === 0 ? 0.7548776662466927 : 0.5698402909980532;
  return 6 * ((step * (Math.floor(i / 2) + 1)) % 1) - 3;
});
const outputs = Float64Array.from({ length: count }, (_, n) => secret(inputs[2 * n], inputs[2 * n + 1]));

const { verdict, reason, queries, widths } = await recoverFromPairs(
  { inputs, outputs, count, inputDimension: 2, outputDimension: 1 },
  { activation: 'tanh' },
);

console.log(`${verdict}: ${reason}`);
console.log(`hidden width ${widths}, ${queries} queries`);
