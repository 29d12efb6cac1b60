import { freemem } from 'node:os';
import type { Memory } from '../base/memory.js';

/** The memory of this machine, within the limits that are set to this process, for training on so many threads. */
export function machineMemory(threads: number): Memory {
  return {
    threads,
    // Node tells since 20.13 what the limits of a container leave
    available: () => (typeof process.availableMemory === 'function' ? process.availableMemory() : freemem()),
  };
}
