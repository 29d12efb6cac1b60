// A target that is served: the network of function.mjs at http://127.0.0.1:8600/predict, on this machine only.
//   node examples/targets/server.mjs &
//   npx eac recover http://127.0.0.1:8600/predict --input-dimension 2 --activation tanh
import { createServer } from 'node:http';
import answer from './function.mjs';

createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const outputs = JSON.parse(body).inputs.map((query) => [answer(query)]);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ outputs }));
}).listen(8600, '127.0.0.1');
