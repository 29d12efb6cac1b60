import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTree } from '../../src/playground/page/describe-tree.js';
import { principalDirections, project } from '../../src/playground/page/directions.js';
import { advanceRun, describeRun, firstLayer, noRun } from '../../src/playground/page/run-state.js';
import { createScene, neuronsOf } from '../../src/playground/page/scene.js';
import { createStopwatch } from '../../src/playground/page/stopwatch.js';

test('principal directions are those of a cloud that is made along two axes', () => {
  // 3 along (0.6, 0.8, 0), 1 along (0, 0, 1), around (5, 5, 5)
  const vectors = [-3, 3].flatMap((a) =>
    [-1, 1].map((b) => Float64Array.of(5 + 0.6 * a, 5 + 0.8 * a, 5 + b)),
  );
  // a picture goes on from the one before: four pictures
  let directions = principalDirections(vectors, undefined)!;
  for (let i = 0; i < 3; i++) directions = principalDirections(vectors, directions)!;
  const { mean, first, second } = directions;
  assert.deepEqual(
    Array.from(mean, (x) => Math.round(1e9 * x) / 1e9),
    [5, 5, 5],
  );
  const near = (a: Float64Array, b: readonly number[]) =>
    Math.abs(Math.abs(a.reduce((sum, x, i) => sum + x * b[i], 0)) - 1) < 1e-9;
  assert.ok(near(first, [0.6, 0.8, 0]) && near(second, [0, 0, 1]));
  assert.ok(Math.abs(Math.abs(project(vectors[0], mean, first)) - 3) < 1e-9);
  assert.equal(principalDirections(vectors.slice(0, 1), undefined), undefined);
});

test('a neuron and its mirror image are one point, and so are those of one direction for ReLU', () => {
  const [a, b] = neuronsOf(Float64Array.of(1, -2, 0.5, -1, 2, -0.5), 2, 'tanh');
  assert.deepEqual(a, b);
  const [c, d] = neuronsOf(Float64Array.of(3, 4, 0, 6, 8, 0), 2, 'relu');
  for (const neuron of [c, d])
    assert.ok(
      neuron.every((w, i) => Math.abs(w - [0.6, 0.8, 0][i]) < 1e-15),
      String(neuron),
    );
});

test('a scene keeps the students at the floor and forgets old ones', () => {
  const scene = createScene();
  const sight = (job: number, loss: number, isDone: boolean) => ({
    ...{ job, iterations: 4, loss, incoming: Float64Array.of(1, 2), inputs: 1 },
    ...(isDone && { curve: Float64Array.of(1, 0.1, loss) }),
  });
  scene.see(sight(0, 0.5, false));
  scene.see(sight(0, 1e-20, true));
  scene.ended(1e-20, true);
  assert.deepEqual(scene.students.get(0)!.curve, [
    { at: 0, loss: 1 },
    { at: 2, loss: 0.1 },
    { at: 4, loss: 1e-20 },
  ]);
  for (let job = 1; job < 100; job++) scene.see(sight(job, 0.2, true));
  assert.ok(scene.students.size <= 48);
  assert.equal(scene.students.get(0)!.atFloor, true);
  assert.ok(scene.students.has(99));
  scene.clear();
  assert.equal(scene.students.size, 0);
});

test('a run in words, from its events', () => {
  let state = advanceRun(noRun, { kind: 'begin' });
  state = advanceRun(state, { kind: 'engine', message: { kind: 'phase', phase: 'expand' } });
  state = advanceRun(state, { kind: 'engine', message: { kind: 'wave', width: '4', students: 4 } });
  state = advanceRun(state, { kind: 'engine', message: { kind: 'student', loss: 1e-20, atFloor: true } });
  assert.equal(describeRun(state), 'Running: expand, students of width 4, 1 trained, 1 at the floor.');
  state = advanceRun(state, { kind: 'pause' });
  assert.match(describeRun(state), /^Paused: /);
  state = advanceRun(advanceRun(state, { kind: 'go on' }), { kind: 'stop' });
  assert.equal(describeRun(state), 'The run was stopped.');
  assert.equal(describeRun(advanceRun(state, { kind: 'trouble', message: 'it died' })), 'it died');
});

test('the first layer is shown in the coordinates of the students', () => {
  const layers = [
    { inputs: 2, outputs: 1, weights: Float64Array.of(3, 4), biases: Float64Array.of(1) },
    { inputs: 1, outputs: 1, weights: Float64Array.of(1), biases: Float64Array.of(0) },
  ];
  const network = { activation: 'tanh', slope: 0, layers } as const;
  assert.deepEqual(firstLayer(network, {}), { incoming: Float64Array.of(3, 4, 1), inputs: 2 });
  const inside = firstLayer(network, { basis: Float64Array.of(0.6, 0.8) });
  assert.deepEqual(inside, { incoming: Float64Array.of(5, 1), inputs: 1 });
  // with x = shift + scale·u: 3·(10 + 2u) + 4·(20 + 5v) + 1
  const frame = { shifts: Float64Array.of(10, 20), scales: Float64Array.of(2, 5) };
  assert.deepEqual(firstLayer(network, { frame }), { incoming: Float64Array.of(6, 20, 111), inputs: 2 });
});

test('a stopwatch counts no pauses', () => {
  let now = 1000;
  const watch = createStopwatch(() => now);
  assert.equal(watch.seconds, 0);
  watch.start();
  now += 2000;
  watch.pause();
  now += 5000;
  assert.equal(watch.seconds, 2);
  watch.goOn();
  watch.goOn();
  now += 500;
  assert.equal(watch.seconds, 2.5);
  watch.start();
  assert.equal(watch.seconds, 0);
});

test('a tree in words says whether its cut is that of the recovery', () => {
  assert.match(describeTree(null), /nothing is trained yet/);
  const tree = {
    ...{ merges: new Float64Array(), columns: 9, leaves: 9, students: 3, cut: 0.01234 },
    ...{ kept: 1, dropped: 6, isAngle: true, isFinal: false },
  };
  assert.match(
    describeTree(tree),
    /9 neurons of 3 students, cut in its widest gap so far, at 0\.012 radians \(dashed\); 1 cluster below it shared by the students, 6 not\.$/,
  );
  assert.match(describeTree({ ...tree, isFinal: true }), /students, cut at 0\.012 radians/);
});
