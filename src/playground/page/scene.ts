import { type ActivationName, activations } from '../../network/activations.js';
import type { Sight, TreeSight } from '../protocol.js';

/** A student as it is drawn. */
export interface Seen {
  readonly job: number;
  /** Losses at the iterations that were told. */
  curve: { at: number; loss: number }[];
  incoming: Float64Array;
  inputs: number;
  isDone: boolean;
  atFloor: boolean;
}

/** What the charts draw: it changes many times a second, and is known to the worker that draws alone. */
export interface Scene {
  readonly students: ReadonlyMap<number, Seen>;
  /** The tree of their neurons; null while there is none. */
  readonly tree: TreeSight | null;
  see(sight: Sight): void;
  seeTree(tree: TreeSight): void;
  /** A student with this loss ended, and where. */
  ended(loss: number, atFloor: boolean): void;
  clear(): void;
}

/** Most students that are drawn: the latest, and those at the floor. */
const mostStudents = 48;

/** A scene without students. */
export function createScene(): Scene {
  const students = new Map<number, Seen>();
  let tree: TreeSight | null = null;
  return {
    students,
    get tree() {
      return tree;
    },
    see({ job, iterations, loss, incoming, inputs, curve }) {
      const before = students.get(job);
      const seen = before ?? { job, curve: [], incoming, inputs, isDone: false, atFloor: false };
      seen.incoming = incoming;
      seen.inputs = inputs;
      if (curve === undefined) seen.curve.push({ at: iterations, loss });
      else {
        const last = Math.max(1, curve.length - 1);
        seen.curve = Array.from(curve, (value, i) => ({ at: (iterations * i) / last, loss: value }));
        seen.isDone = true;
      }
      students.set(job, seen);
      const old = [...students.values()].find(({ isDone, atFloor }) => isDone && !atFloor);
      if (students.size > mostStudents && old !== undefined) students.delete(old.job);
    },
    seeTree(next) {
      tree = next;
    },
    ended(loss, atFloor) {
      for (const seen of students.values()) {
        if (seen.isDone && seen.curve.at(-1)?.loss === loss) seen.atFloor = atFloor;
      }
    },
    clear() {
      students.clear();
      tree = null;
    },
  };
}

/** One neuron as a point: its incoming vector, with what the activation leaves free taken out. */
export function neuronsOf(
  incoming: Float64Array,
  inputs: number,
  activation: ActivationName | 'auto',
): Float64Array[] {
  const entry = activation === 'auto' ? undefined : activations[activation];
  return Array.from({ length: Math.floor(incoming.length / (inputs + 1)) }, (_, j) => {
    const vector = incoming.slice(j * (inputs + 1), (j + 1) * (inputs + 1));
    const length = Math.sqrt(vector.reduce((sum, w) => sum + w * w, 0)) || 1;
    // of a neuron and its mirror image the one whose largest weight is positive
    const largest = vector.reduce((best, w) => (Math.abs(w) > Math.abs(best) ? w : best), 0);
    const isFree = entry === undefined || entry.symmetry !== 'none';
    const sign = isFree && largest < 0 ? -1 : 1;
    const scale = entry?.homogeneous ? sign / length : sign;
    return vector.map((w) => w * scale);
  });
}
