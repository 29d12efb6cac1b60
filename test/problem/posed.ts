import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { HeadName } from '../../src/network/head.js';
import { type RecoverOptions, resolveOptions } from '../../src/options.js';
import { pose } from '../../src/problem/pose.js';
import { openAttempt } from '../../src/problem/problem.js';
import { behindHead } from '../../src/query/behind-head.js';
import { meterTarget, type Target } from '../../src/query/oracle.js';
import { measureOutputs } from '../../src/query/precision.js';
import { headNamed, measureHead } from '../../src/query/recognise-head.js';
import { queriesAsSource } from '../../src/query/source.js';

const kernels = loadKernels();

/** What a target poses, and the try that it is posed in. */
export async function posedFor(target: Target, options: RecoverOptions) {
  const settings = resolveOptions(options);
  const oracle = meterTarget(target, settings.inputDimension, settings.budget);
  const source = queriesAsSource(oracle, settings.seed);
  const attempt = openAttempt(settings, { kernels, fitter: createInlineFitter(kernels) });
  return { posed: await pose(source, attempt), attempt, source };
}

/** The problem that a target poses; throws where it poses none. */
export async function problemFor(target: Target, options: RecoverOptions) {
  const { posed, attempt } = await posedFor(target, options);
  if (posed.kind !== 'problem') throw new Error(`no problem: ${posed.kind}`);
  return { problem: posed.problem, attempt };
}

/** The same of the sums before the head that a target has. */
export async function problemBehind(
  name: Exclude<HeadName, 'linear'>,
  target: Target,
  options: RecoverOptions,
) {
  const settings = resolveOptions(options);
  const oracle = meterTarget(target, settings.inputDimension, settings.budget);
  const source = queriesAsSource(oracle, settings.seed);
  const probed = await source.collect().take(2, 300);
  const head = measureHead(headNamed(name, probed), probed, measureOutputs(probed), 0);
  const attempt = openAttempt(settings, { kernels, fitter: createInlineFitter(kernels) });
  const posed = await pose(behindHead(source, head), attempt);
  if (posed.kind !== 'problem') throw new Error(`no problem: ${posed.kind}`);
  return { problem: posed.problem, attempt };
}
