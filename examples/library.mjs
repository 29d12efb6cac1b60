// Recovers a network that is only a function here: 2 inputs, 3 hidden tanh neurons, 1 output.
import { recover } from 'expand-and-cluster';

const secret = (x, y) =>
  1.5 * Math.tanh(x + 2 * y) - Math.tanh(2 * x - y + 1) + 0.5 * Math.tanh(y - 0.5) + 0.2;

// `inputs` holds `count` queries of 2 numbers each; the answer is 1 number a query.
const target = (inputs, count) =>
  Float64Array.from({ length: count }, (_, n) => secret(inputs[2 * n], inputs[2 * n + 1]));

const { verdict, reason, network } = await recover(target, {
  inputDimension: 2,
  activation: 'tanh',
  seed: 1,
});

console.log(`${verdict}: ${reason}`);
if (network) {
  const [hidden, output] = network.layers;
  for (let i = 0; i < hidden.outputs; i++) {
    const incoming = [...hidden.weights.subarray(2 * i, 2 * i + 2), hidden.biases[i]].map((w) =>
      w.toFixed(6),
    );
    console.log(
      `${output.weights[i].toFixed(6)} · tanh(${incoming[0]}·x + ${incoming[1]}·y + ${incoming[2]})`,
    );
  }
  console.log(`bias ${output.biases[0].toFixed(6)}`);
}
