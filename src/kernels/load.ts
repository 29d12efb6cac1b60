import { InputError } from '../base/errors.js';
import type { Kernels } from './kernels.js';
import { referenceKernels } from './reference.js';
import { decodeBinary, startKernels } from './wasm.js';

type Name = Kernels['name'];
const names: readonly Name[] = ['relaxed', 'simd', 'reference'];

const started = new Map<Name, Kernels>();

/**
 * The kernels of this thread, the fastest that the engine can run: `relaxed` (fused multiply-add), else `simd`,
 * else the plain reference. `prefer` names the best one to try; the environment variable EAC_KERNELS overrides
 * both. Every call returns the same instance. Throws `InputError` when EAC_KERNELS names none of them.
 */
export function loadKernels(prefer: Name = 'relaxed'): Kernels {
  const wanted = nameFromEnvironment() ?? prefer;
  let kernels = started.get(wanted);
  if (kernels === undefined) {
    kernels = startFirst(names.slice(names.indexOf(wanted)));
    started.set(wanted, kernels);
    started.set(kernels.name, kernels);
  }
  return kernels;
}

function startFirst(candidates: readonly Name[]): Kernels {
  for (const name of candidates) {
    if (name === 'reference') break;
    if (isSupported(name)) return started.get(name) ?? startKernels(name);
  }
  return referenceKernels;
}

/** Whether this thread can run a build; may switch relaxed SIMD on where the engine still hides it. */
export function isSupported(name: Name): boolean {
  if (name === 'reference') return true;
  if (typeof WebAssembly === 'undefined') return false;
  if (name === 'relaxed' && !hasRelaxedSimd()) return false;
  return WebAssembly.validate(decodeBinary(name));
}

/** (func (param v128 v128 v128) (result v128) (f64x2.relaxed_madd …)) */
const relaxedProbe = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b], // one type
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x87, 0x02, 0x0b], // its code
);

function hasRelaxedSimd(): boolean {
  if (WebAssembly.validate(relaxedProbe)) return true;
  // Node 20 knows relaxed SIMD behind a flag; newer versions have it on and print an error for the flag
  const node = typeof process === 'undefined' ? undefined : process.versions?.node;
  if (node === undefined || !node.startsWith('20.') || process.getBuiltinModule === undefined) return false;
  process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe);
}

function nameFromEnvironment(): Name | undefined {
  const value = typeof process === 'undefined' ? undefined : process.env?.EAC_KERNELS;
  if (value === undefined || value === '') return undefined;
  if ((names as readonly string[]).includes(value)) return value as Name;
  throw new InputError(`EAC_KERNELS is '${value}', expected one of ${names.join(', ')}`);
}
