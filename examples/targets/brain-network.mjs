// A network that brain.js wrote as JSON. Needs: npm install brain.js
//   MODEL=net.json npx eac recover examples/targets/brain-network.mjs --input-dimension 2 --activation sigmoid
import { readFileSync } from 'node:fs';
import brain from 'brain.js';

const network = new brain.NeuralNetwork();
network.fromJSON(JSON.parse(readFileSync(process.env.MODEL, 'utf8')));

/** One query, an array of numbers; the outputs are in the order of their names where they have some. */
export default function answer(query) {
  const names = network.inputLookup ? Object.keys(network.inputLookup) : undefined;
  const input = names ? Object.fromEntries(names.map((name, i) => [name, query[i]])) : query;
  return Array.from(Object.values(network.run(input)));
}
