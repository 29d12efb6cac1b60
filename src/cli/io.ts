/** Where a command writes: results to stdout, everything else to stderr. */
export interface CommandIo {
  /** One line of the result. */
  out(line: string): void;
  /** The stream of progress and messages. */
  readonly stderr: NodeJS.WriteStream;
}

/** The streams of this process. */
export const processIo: CommandIo = {
  out(line) {
    process.stdout.write(`${line}\n`);
  },
  stderr: process.stderr,
};
