// The adapters of examples/targets: with the real library where this machine has it, else with a stand-in of the
// same interface.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openProgram } from '../../src/oracle/program/open.js';
import { repository } from '../golden.js';

const targets = join(repository, 'examples/targets');
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eac-adapters-'));
});
after(() => rm(folder, { recursive: true }));

/** The first Python on this machine that has these modules. */
function pythonWith(...modules: string[]): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', `import ${['json', ...modules].join(', ')}`]).status === 0,
  );
}

const queries = Float64Array.from({ length: 12 }, (_, i) => Math.sin(1 + i));

/** Runs a script that prepares a model and prints the answers to the queries, and then the adapter. */
async function check(
  python: string,
  adapter: string,
  words: string,
  prepare: string,
  tolerance: number,
  environment: Record<string, string> = {},
): Promise<void> {
  const script = join(folder, 'prepare.py');
  await writeFile(script, `import json, sys\nx = json.loads(sys.argv[1])\n${prepare}`);
  const rows = Array.from({ length: 4 }, (_, i) => [...queries.slice(3 * i, 3 * i + 3)]);
  const made = spawnSync(python, [script, JSON.stringify(rows)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  assert.equal(made.status, 0, made.stderr);
  const expected = (JSON.parse(made.stdout) as number[][]).flat();
  const variables = Object.entries(environment).map(([name, value]) => `${name}="${value}"`);
  const command = [`cd "${folder}" &&`, ...variables, python, `"${join(targets, adapter)}"`, words].join(' ');
  const messages: string[] = [];
  const target = openProgram(command, { inputDimension: 3, onStderr: (text) => messages.push(text) });
  try {
    const answers = await target.ask(queries, 4);
    assert.equal(answers.length, expected.length);
    for (const [i, value] of expected.entries()) {
      assert.ok(Math.abs(answers[i] - value) <= tolerance, `${answers[i]}, expected ${value}; ${messages}`);
    }
    const first = await target.ask(queries.subarray(0, 3), 1);
    assert.equal(first.length, answers.length / 4);
    assert.ok(first.every((value, i) => Math.abs(value - answers[i]) <= tolerance));
  } finally {
    await target.close();
  }
}

const numpy = pythonWith('numpy');
const sklearn = pythonWith('sklearn', 'joblib');
const torch = pythonWith('torch');
const without = (found: string | undefined, what: string) => ({
  skip: found === undefined ? `Python has no ${what}` : false,
});

test('a classifier of scikit-learn answers its probabilities', without(sklearn, 'scikit-learn'), () =>
  check(
    sklearn!,
    'sklearn_model.py',
    'model.joblib',
    `import joblib, numpy as np, warnings
from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
r = np.random.default_rng(1)
model = MLPClassifier((4,), max_iter=20, random_state=0).fit(r.normal(size=(60, 3)), r.integers(0, 3, 60))
joblib.dump(model, "model.joblib")
print(json.dumps(model.predict_proba(x).tolist()))`,
    1e-15,
  ),
);

test('a regressor of scikit-learn answers its predictions', without(sklearn, 'scikit-learn'), () =>
  check(
    sklearn!,
    'sklearn_model.py',
    'model.joblib',
    `import joblib, numpy as np, warnings
from sklearn.neural_network import MLPRegressor
warnings.simplefilter("ignore")
r = np.random.default_rng(1)
model = MLPRegressor((4,), max_iter=20, random_state=0).fit(r.normal(size=(60, 3)), r.normal(size=60))
joblib.dump(model, "model.joblib")
print(json.dumps([[y] for y in model.predict(x).tolist()]))`,
    1e-15,
  ),
);

for (const [name, save] of [
  ['a module that was saved whole', 'torch.save(model, "model.pt")'],
  ['TorchScript', 'torch.jit.script(model).save("model.pt")'],
] as const) {
  test(`${name} of PyTorch answers`, without(torch, 'PyTorch'), () =>
    check(
      torch!,
      'pytorch_model.py',
      'model.pt',
      `import torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
${save}
print(json.dumps(model(torch.tensor(x, dtype=torch.float64)).tolist()))`,
      1e-15,
    ),
  );
}

test('a state_dict of PyTorch is refused with what to do', without(torch, 'PyTorch'), () => {
  const made = spawnSync(
    torch!,
    ['-c', 'import torch; torch.save(torch.nn.Linear(3, 1).state_dict(), "state.pth")'],
    { cwd: folder },
  );
  assert.equal(made.status, 0);
  const run = spawnSync(torch!, [join(targets, 'pytorch_model.py'), 'state.pth'], {
    cwd: folder,
    encoding: 'utf8',
    input: '',
  });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /state\.pth holds weights without a network: .*safetensors/);
});

/** A module in place of one that is not installed. */
async function standIn(name: string, text: string): Promise<Record<string, string>> {
  const place = join(folder, 'modules');
  await mkdir(join(place, name, '..'), { recursive: true });
  await writeFile(join(place, `${name}.py`), text);
  return { PYTHONPATH: place };
}

const half = 'print(json.dumps([[float(np.float32(v) / 2) for v in row] for row in x]))';

test('the adapter of Keras asks a model for many queries at once', without(numpy, 'NumPy'), async () => {
  const environment = await standIn(
    'keras',
    `import numpy
class models:
    class load_model:
        def __init__(self, path, compile): assert path == "net.keras" and compile is False
        def predict_on_batch(self, x): return numpy.asarray(x, "float32") / 2`,
  );
  await check(numpy!, 'keras_model.py', 'net.keras', `import numpy as np\n${half}`, 0, environment);
});

test('the adapter of TensorFlow Lite asks a query at a time', without(numpy, 'NumPy'), async () => {
  const environment = await standIn(
    'tflite_runtime/interpreter',
    `import numpy
class Interpreter:
    def __init__(self, model_path, num_threads): assert model_path == "net.tflite"
    def allocate_tensors(self): pass
    def get_input_details(self): return [{"index": 7, "shape": numpy.array([1, 3]), "dtype": numpy.float32}]
    def get_output_details(self): return [{"index": 9}]
    def set_tensor(self, index, x): assert index == 7 and x.shape == (1, 3); self.x = x
    def invoke(self): self.y = self.x / 2
    def get_tensor(self, index): assert index == 9; return self.y`,
  );
  await check(numpy!, 'tflite_model.py', 'net.tflite', `import numpy as np\n${half}`, 0, environment);
});

for (const [kind, attributes] of [
  ['PPO', 'get_distribution = lambda self, x: Holder(distribution=Holder(mean=x / 2))'],
  ['A2C', 'get_distribution = lambda self, x: Holder(distribution=Holder(logits=x / 2))'],
  ['DQN', 'q_net = staticmethod(lambda x: x / 2)'],
  ['TD3', 'actor = staticmethod(lambda x: x / 2)'],
] as const) {
  test(
    `the adapter of Stable-Baselines3 asks the network of ${kind}`,
    without(torch, 'PyTorch'),
    async () => {
      const environment = await standIn(
        'stable_baselines3',
        `from types import SimpleNamespace as Holder
class Policy:
    ${attributes}
    def eval(self): return self
class ${kind}:
    @staticmethod
    def load(path, device): assert path == "policy.zip"; return Holder(policy=Policy())`,
      );
      const expected = 'import numpy as np\n';
      await check(torch!, 'sb3_policy.py', `${kind} policy.zip`, `${expected}${half}`, 1e-15, environment);
    },
  );
}

test('a job of CSV files is run once for each batch', without(pythonWith(), 'json'), async () => {
  const job = join(folder, 'job.mjs');
  await writeFile(
    job,
    `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
const rows = readFileSync(process.argv[2], 'utf8').trim().split('\\n');
appendFileSync(${JSON.stringify(join(folder, 'log'))}, rows.length + '\\n');
writeFileSync(process.argv[3], rows.map((row) => row.split(',').map((v) => Number(v) / 2).join(',')).join('\\n') + '\\n');`,
  );
  const words = `"${process.execPath}" "${job}"`;
  await check(
    pythonWith()!,
    'batch_job.py',
    words,
    'print(json.dumps([[v / 2 for v in row] for row in x]))',
    0,
  );
  assert.equal(await readFile(join(folder, 'log'), 'utf8'), '4\n1\n');
});

test('a service with JSON of its own is asked for many queries at once', async () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { records } = JSON.parse(Buffer.concat(parts).toString()) as {
        records: { feature0: number; feature1: number }[];
      };
      const results = records.map(({ feature0, feature1 }) => ({ scores: [feature0 + feature1, feature0] }));
      response.end(JSON.stringify({ results }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.SERVICE = `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
  try {
    const { default: ask } = (await import(pathToFileURL(join(targets, 'rest-service.mjs')).href)) as {
      default(inputs: Float64Array, count: number): Promise<Float64Array>;
    };
    assert.deepEqual(await ask(Float64Array.of(1, 2, 3, 5), 2), Float64Array.of(3, 1, 8, 3));
  } finally {
    delete process.env.SERVICE;
    server.close();
  }
});

test('every adapter is a program or a module that can be parsed', async () => {
  const python = pythonWith();
  for (const name of await readdir(targets)) {
    const path = join(targets, name);
    const [command, words] = name.endsWith('.py')
      ? [python, ['-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', path]]
      : [process.execPath, ['--check', path]];
    if (command !== undefined) assert.equal(spawnSync(command, words as string[]).status, 0, name);
  }
});
