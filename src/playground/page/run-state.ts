import type { Network } from '../../network/network.js';
import type { Recovery } from '../../recovery.js';
import type { FromEngine, FromResults, MadeFigure, MadeFile, TreeSight } from '../protocol.js';

/** Where a run is. */
export interface RunState {
  readonly status: 'idle' | 'running' | 'paused' | 'done' | 'failed';
  readonly opened: Extract<FromEngine, { kind: 'opened' }> | null;
  readonly phase: string;
  readonly width: string;
  readonly students: number;
  readonly atFloor: number;
  readonly layer: string;
  readonly queries: number;
  readonly seconds: number;
  readonly message: string;
  /** The latest tree of the students' neurons. */
  readonly tree: TreeSight | null;
  readonly recovery: Recovery | null;
  readonly files: readonly MadeFile[];
  readonly figures: readonly MadeFigure[];
  readonly compared: Extract<FromResults, { kind: 'compared' }> | null;
  readonly note: string;
}

/** Before the first run. */
export const noRun: RunState = {
  status: 'idle',
  opened: null,
  phase: '',
  width: '',
  students: 0,
  atFloor: 0,
  layer: '',
  queries: 0,
  seconds: 0,
  message: '',
  tree: null,
  recovery: null,
  files: [],
  figures: [],
  compared: null,
  note: '',
};

/** What happens to a run. */
export type RunEvent =
  | { readonly kind: 'begin' | 'pause' | 'go on' | 'stop' | 'hide truth' }
  | { readonly kind: 'clock'; readonly seconds: number }
  | { readonly kind: 'trouble'; readonly message: string }
  | { readonly kind: 'engine'; readonly message: FromEngine }
  | { readonly kind: 'results'; readonly message: FromResults };

/** The state after an event. */
export function advanceRun(state: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case 'begin':
      return { ...noRun, status: 'running' };
    case 'pause':
      return state.status === 'running' ? { ...state, status: 'paused' } : state;
    case 'go on':
      return state.status === 'paused' ? { ...state, status: 'running' } : state;
    case 'stop':
      return { ...state, status: 'idle', message: 'stopped' };
    case 'hide truth':
      return { ...state, compared: null };
    case 'clock':
      return { ...state, seconds: event.seconds };
    case 'trouble':
      return { ...state, status: 'failed', message: event.message };
    case 'engine':
      return hearEngine(state, event.message);
    case 'results':
      return hearResults(state, event.message);
  }
}

function hearEngine(state: RunState, message: FromEngine): RunState {
  switch (message.kind) {
    case 'opened':
      return { ...state, opened: message };
    case 'phase':
      return { ...state, phase: message.phase, layer: '' };
    case 'wave':
      return { ...state, width: message.width, layer: '' };
    case 'layer':
      return { ...state, layer: `following layer ${message.layer}: ${message.neurons} neurons found` };
    case 'student':
      return {
        ...state,
        students: state.students + 1,
        atFloor: state.atFloor + (message.atFloor ? 1 : 0),
      };
    case 'queries':
      return { ...state, queries: message.queries };
    case 'done':
      return { ...state, status: 'done', recovery: message.recovery, seconds: message.seconds };
    case 'failed':
      return { ...state, status: 'failed', message: message.message };
    case 'tree':
      return { ...state, tree: message.tree };
    case 'sight':
      return state;
  }
}

function hearResults(state: RunState, message: FromResults): RunState {
  if (message.kind === 'files') return { ...state, files: message.files, figures: message.figures };
  if (message.kind === 'compared') return { ...state, compared: message, note: '' };
  return { ...state, note: message.message };
}

/** A run in one sentence, for the line of status and for screen readers. */
export function describeRun(state: RunState): string {
  const { status, phase, width, students, atFloor, layer, message, recovery } = state;
  if (status === 'failed') return message;
  if (status === 'idle') return message === '' ? 'Nothing runs.' : `The run was ${message}.`;
  if (status === 'done' && recovery !== null) return `${recovery.verdict}: ${recovery.reason}`;
  const parts = [phase === '' ? 'starting' : phase];
  if (layer !== '') parts.push(layer);
  if (width !== '') parts.push(`students of width ${width}`);
  if (students > 0) parts.push(`${students} trained, ${atFloor} at the floor`);
  return `${status === 'paused' ? 'Paused' : 'Running'}: ${parts.join(', ')}.`;
}

/** In what coordinates students see inputs: x = u·basis, or (x − shift) / scale. */
export interface Coordinates {
  /** Orthonormal rows, k × d. */
  readonly basis?: Float64Array | undefined;
  readonly frame?: { readonly shifts: Float64Array; readonly scales: Float64Array } | null;
}

/** The first hidden layer of a network as charts draw it, in the coordinates of the students. */
export function firstLayer(
  { layers }: Network,
  { basis, frame }: Coordinates,
): { incoming: Float64Array; inputs: number } {
  const [{ inputs: d, outputs, weights, biases }] = layers;
  const inputs = basis === undefined ? d : basis.length / d;
  const incoming = new Float64Array(outputs * (inputs + 1));
  for (let j = 0; j < outputs; j++) {
    const own = weights.slice(j * d, (j + 1) * d);
    let bias = biases[j];
    if (frame) {
      for (let k = 0; k < d; k++) {
        bias += own[k] * frame.shifts[k];
        own[k] *= frame.scales[k];
      }
    }
    const vector = incoming.subarray(j * (inputs + 1), (j + 1) * (inputs + 1));
    if (basis === undefined) vector.set(own);
    else for (let i = 0; i < inputs; i++) for (let k = 0; k < d; k++) vector[i] += basis[i * d + k] * own[k];
    vector[inputs] = bias;
  }
  return { incoming, inputs };
}
