// A REST service with JSON of its own: change `question` and `readAnswers` to its form.
//   SERVICE=http://127.0.0.1:8600/predict npx eac recover examples/targets/rest-service.mjs --input-dimension 2 --activation tanh
const service = process.env.SERVICE;

/** The request for some queries, as the service wants it: here as records with a name for every feature. */
const question = (queries) => ({
  records: queries.map((query) => Object.fromEntries(query.map((value, i) => [`feature${i}`, value]))),
});

/** The numbers of every answer, in the order of the queries. */
const readAnswers = (body) => body.results.map(({ scores }) => scores);

/** Many queries: `inputs` is count × inputs, row by row. */
export default async function ask(inputs, count) {
  const width = inputs.length / count;
  const queries = Array.from({ length: count }, (_, n) => [...inputs.slice(n * width, (n + 1) * width)]);
  const response = await fetch(service, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question(queries)),
  });
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${await response.text()}`);
  return Float64Array.from(readAnswers(await response.json()).flat());
}
