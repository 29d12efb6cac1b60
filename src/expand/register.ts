import type { FitJob, FitShape, Fitted, Fitter } from '../optimise/fit.js';
import { type DeepStudent, isOfOneLayer, type Student } from '../records.js';
import type { StudentEvent } from './events.js';

/** A student of networks of a shape. */
export type StudentOf<Shape extends FitShape> = Omit<Student, 'shape'> & { readonly shape: Shape };

/** What a student is, beside what its descent came to and its number. */
export type About = Pick<Student, 'start' | 'peeled' | 'spread' | 'samples' | 'atFloor'>;

/** What is told of a wave that begins. */
export type BeginningWave = Omit<Extract<StudentEvent, { kind: 'wave' }>, 'kind'>;

/** How training is done: as a fitter does it, whatever comes between. */
export type Fit<Shape extends FitShape> = (
  jobs: readonly FitJob<Shape>[],
  onDone: (index: number, result: Fitted<Shape>) => void,
) => Promise<Fitted<Shape>[]>;

/** The students of a run. Nothing else numbers them, tells of them or writes them down. */
export interface Register {
  /** All of the run in the order of their numbers, those of a wave once it is over. */
  readonly students: readonly (Student | DeepStudent)[];
  /** Those of a wave that is not over yet and are done. */
  readonly underWay: readonly (Student | DeepStudent)[];
  /** How many of the run began at random or grew, with one hidden layer: the next ones are named by it. */
  readonly begun: number;
  /** Those with one hidden layer that imitate what students of this part of the run imitate. */
  ofOneLayer(): Student[];
  /** Tells that a wave of students begins. */
  begin(wave: BeginningWave): void;
  /** Trains students, one a job, tells of each when it is done, and writes them down when all are. */
  train<Shape extends FitShape>(
    jobs: readonly FitJob<Shape>[],
    about: (index: number, fitted: Fitted<Shape>) => About,
    fit: Fit<Shape>,
  ): Promise<StudentOf<Shape>[]>;
  /** Takes in students that were trained otherwise: tells of each, and writes them down. */
  add<Shape extends FitShape>(
    fitted: readonly Fitted<Shape>[],
    about: (index: number, fitted: Fitted<Shape>) => About,
  ): StudentOf<Shape>[];
  /** Writes students down as they are after more training, under the numbers that they have. */
  replace(students: readonly (Student | DeepStudent)[]): void;
  /**
   * The name of a random stream that no other has in this try at a target: `labels`, and behind them how often they were
   * asked for before, if they were.
   */
  name(...labels: readonly (string | number)[]): readonly (string | number)[];
  /** The part of the run's register for students behind so many known layers: numbers go on, and it sees its own alone. */
  behind(layers: number): Register;
}

/** A register without students, which tells of those to come. */
export function openRegister(onEvent?: (event: StudentEvent) => void): Register {
  const students: (Student | DeepStudent)[] = [];
  const underWay: (Student | DeepStudent)[] = [];
  const names = new Map<string, number>();
  const part = (peeled?: number): Register => {
    const own = new Set<number>();
    const toStudent = <Shape extends FitShape>(index: number, fitted: Fitted<Shape>, about: About) => {
      own.add(index);
      return { index, ...(peeled !== undefined && { peeled }), ...fitted, ...about } as StudentOf<Shape> &
        (Student | DeepStudent);
    };
    const isOwn = (student: Student | DeepStudent): student is Student =>
      peeled === undefined ? isOfOneLayer(student) : own.has(student.index) && 'hidden' in student.shape;
    return {
      students,
      underWay,
      get begun() {
        return students.filter(({ shape, start }) => 'hidden' in shape && start !== 'known').length;
      },
      ofOneLayer: () => students.filter(isOwn),
      begin: (wave) => onEvent?.({ kind: 'wave', ...wave }),
      async train(jobs, about, fit) {
        const at = students.length;
        const results = await fit(jobs, (i, fitted) => {
          const student = toStudent(at + i, fitted, about(i, fitted));
          underWay.push(student);
          onEvent?.({ kind: 'student', student });
        });
        const trained = results.map((fitted, i) => toStudent(at + i, fitted, about(i, fitted)));
        underWay.length = 0;
        students.push(...trained);
        return trained;
      },
      add(fitted, about) {
        const added = fitted.map((one, i) => toStudent(students.length + i, one, about(i, one)));
        for (const student of added) onEvent?.({ kind: 'student', student });
        students.push(...added);
        return added;
      },
      replace(changed) {
        for (const student of changed) students[student.index] = student;
      },
      name(...labels) {
        const own = JSON.stringify(labels);
        const before = names.get(own) ?? 0;
        names.set(own, before + 1);
        return before === 0 ? labels : [...labels, 'again', before];
      },
      behind: part,
    };
  };
  return part();
}

/** Trains as a fitter does. */
export const fitWith =
  <Shape extends FitShape>(fitter: Fitter): Fit<Shape> =>
  (jobs, onDone) =>
    fitter.fit(jobs, onDone);
