import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments, parseDocument } from 'yaml';
import { workerOptionTable } from '../../src/cli/worker.js';
import { parseQueueAddress, passwordVariable } from '../../src/queue/address.js';
import { keyPrefix, queueName } from '../../src/queue/names.js';
import { repository } from '../golden.js';

const read = (path: string) => readFileSync(join(repository, path), 'utf8');

/** Words after `eac` that start a worker: its options, with values that they take. */
function assertStartsAWorker(words: readonly string[], host: string): void {
  const [command, ...rest] = words;
  assert.equal(command, 'worker');
  assert.equal(rest.length % 2, 0);
  for (let at = 0; at < rest.length; at += 2) {
    const entry = workerOptionTable.find(({ flags }) => flags.startsWith(`${rest[at]} `));
    assert.ok(entry?.parse, `${rest[at]} is an option of eac worker`);
    entry.parse(rest[at + 1], undefined);
  }
  const address = rest[rest.indexOf('--queue') + 1];
  assert.equal(parseQueueAddress(address).place, `redis://${host}:6379`);
}

/** A shell command that runs a Redis which keeps what it is given, with a password that is on no command line. */
function assertKeepsJobs(command: string, variable: string): void {
  assert.ok(command.startsWith(`printf 'requirepass %s\\n' "${variable}" | exec redis-server - `), command);
  assert.match(command, /--appendonly yes/);
  assert.match(command, /--maxmemory-policy noeviction/);
}

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Record<string, string>;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

test('compose.yaml has a Redis that keeps jobs, and workers that reach it', () => {
  const document = parseDocument(read('compose.yaml'), { strict: true });
  assert.deepEqual([document.errors, document.warnings], [[], []]);
  const { services, volumes } = document.toJS() as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  assert.deepEqual(Object.keys(services), ['redis', 'worker']);
  const { redis, worker } = services;
  assert.deepEqual(redis.command.slice(0, 2), ['sh', '-c']);
  assertKeepsJobs(redis.command[2], `$$${passwordVariable}`);
  assert.ok(redis.volumes?.every((volume) => volume.split(':')[0] in volumes));
  assert.deepEqual(redis.ports, ['127.0.0.1:6379:6379'], 'nobody outside of the machine reaches it');
  assert.ok(redis.healthcheck);
  assertStartsAWorker(worker.command, 'redis');
  assert.deepEqual(worker.depends_on, { redis: { condition: 'service_healthy' } });
  assert.ok(worker.build && existsSync(join(repository, worker.build.dockerfile)));
  for (const { environment } of [redis, worker]) {
    assert.match(
      environment[passwordVariable],
      /^\$\{EAC_QUEUE_PASSWORD:\?.+\}$/,
      'no password is written here',
    );
  }
});

interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly {
    readonly name: string;
    readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector?: Record<string, unknown> & { readonly matchLabels?: Record<string, string> };
    readonly template?: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: { readonly containers: readonly Container[] };
    };
    readonly ports?: readonly { readonly port: number; readonly targetPort: string }[];
    readonly serviceName?: string;
    readonly scaleTargetRef?: { readonly name: string };
    readonly secretTargetRef?: readonly { readonly name: string; readonly key: string }[];
    readonly triggers?: readonly {
      readonly type: string;
      readonly metadata: Record<string, string>;
      readonly authenticationRef: { readonly name: string };
    }[];
  };
}

test('the Kubernetes manifest has a Redis, workers, and a number of them that follows the queue', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes.yaml'), { strict: true });
  assert.ok(Array.isArray(documents));
  for (const { errors, warnings } of documents) assert.deepEqual([errors, warnings], [[], []]);
  const objects = documents.map((document) => document.toJS() as Manifest);
  assert.deepEqual(
    objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`),
    [
      'v1 Service eac-redis',
      'apps/v1 StatefulSet eac-redis',
      'apps/v1 Deployment eac-worker',
      'keda.sh/v1alpha1 TriggerAuthentication eac-queue',
      'keda.sh/v1alpha1 ScaledObject eac-worker',
    ],
  );
  const [service, redis, workers, authentication, scaled] = objects.map(({ spec }) => spec);
  for (const { selector, template } of [redis, workers]) {
    assert.deepEqual(template?.metadata.labels, selector?.matchLabels);
    for (const { env } of template?.spec.containers ?? []) {
      const [{ name, valueFrom }] = env;
      assert.equal(name, passwordVariable);
      assert.deepEqual(valueFrom.secretKeyRef, { name: 'eac-queue', key: 'password' });
    }
  }
  assert.deepEqual(service.selector, redis.template?.metadata.labels);
  assert.equal(redis.serviceName, 'eac-redis');
  const [server] = redis.template?.spec.containers ?? [];
  assertKeepsJobs(server.command?.[2] ?? '', `$${passwordVariable}`);
  assert.deepEqual(server.ports, [{ name: service.ports?.[0].targetPort, containerPort: 6379 }]);
  assertStartsAWorker(workers.template?.spec.containers[0].args ?? [], 'eac-redis');
  assert.deepEqual(authentication.secretTargetRef, [
    { parameter: 'password', name: 'eac-queue', key: 'password' },
  ]);
  assert.equal(scaled.scaleTargetRef?.name, 'eac-worker');
  const lists = scaled.triggers?.map(({ type, metadata, authenticationRef }) => {
    assert.equal(type, 'redis');
    assert.equal(authenticationRef.name, 'eac-queue');
    assert.equal(metadata.address, 'eac-redis:6379');
    assert.match(metadata.listLength, /^\d+$/);
    return metadata.listName;
  });
  assert.deepEqual(
    lists,
    ['wait', 'active'].map((state) => `${keyPrefix}:${queueName}:${state}`),
  );
});

test('docs/machines.md shows every option of eac worker with the default that the code has', () => {
  const rows = [...read('docs/machines.md').matchAll(/^\| `(--[^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, flags, shown]) => [flags, shown.trim().replaceAll('`', '')]),
    workerOptionTable.map(({ flags, shownDefault }) => [flags, shownDefault]),
  );
});
