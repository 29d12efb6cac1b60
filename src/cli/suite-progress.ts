import yoctoSpinner from 'yocto-spinner';

/** A count and the last record on one line that changes, or a line a record where lines cannot be overwritten. */
export function showSuiteProgress(stream: NodeJS.WriteStream, prefix: string, total: number) {
  const isInteractive = stream.isTTY && process.env.TERM !== 'dumb' && !('CI' in process.env);
  const spinner = isInteractive
    ? yoctoSpinner({ stream, text: `${prefix}0 of ${total}` }).start()
    : undefined;
  let count = 0;
  return {
    done(words: string): void {
      count++;
      const line = `${prefix}${count} of ${total}, ${words}`;
      if (spinner) spinner.text = line;
      else stream.write(`${line}\n`);
    },
    stop: () => spinner?.stop(),
  };
}
