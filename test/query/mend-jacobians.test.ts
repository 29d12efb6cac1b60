import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawInputs } from '../../src/query/collect.js';
import { mendJacobians } from '../../src/query/mend-jacobians.js';

/** Jacobians (o × d) whose rows are combinations of r vectors, but for one number of the second. */
function jacobiansWith(r: number, o: number, d: number, points: number) {
  const vectors = Array.from({ length: r }, (_, j) => drawInputs(['vector', j], 1, d, 1));
  const exact = Array.from({ length: points }, (_, p) =>
    Array.from({ length: o }, (_, i) => {
      const factors = drawInputs(['factors', p, i], 1, r, 1);
      return Float64Array.from({ length: d }, (_, k) =>
        vectors.reduce((sum, vector, j) => sum + factors[j] * vector[k], 0),
      );
    }),
  );
  const measured = exact.map((rows) => ({
    centre: new Float64Array(d),
    answers: new Float64Array(o),
    rows: rows.map((row) => row.slice()),
  }));
  return { exact, measured };
}

test('a column that no other Jacobian explains is asked anew, and others are not', async () => {
  const { exact, measured } = jacobiansWith(3, 3, 120, 3);
  for (const row of measured[1].rows) row[17] += 0.4;
  const asked: (readonly number[])[] = [];
  await mendJacobians(measured, async (jacobian, columns) => {
    asked.push(columns);
    const p = measured.indexOf(jacobian as (typeof measured)[number]);
    jacobian.rows.forEach((row, i) => {
      for (const k of columns) row[k] = exact[p][i][k];
    });
  });
  assert.equal(measured[1].rows[0][17], exact[1][0][17]);
  assert.ok(asked.flat().length > 0 && asked.flat().every((k) => k === 17), `${asked.map(String)}`);
});

test('what is low in rank as it is asks nothing', async () => {
  const { measured } = jacobiansWith(3, 3, 120, 3);
  await mendJacobians(measured, async () => assert.fail('asked'));
});
