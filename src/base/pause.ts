/** Longest time in milliseconds that a loop in the calling thread keeps others waiting. */
const longest = 40;

/** Lets timers, signals and other work have their turn, but only where the last turn is a while ago. */
export function createPause(): () => Promise<void> {
  let since = Date.now();
  return async () => {
    if (Date.now() - since < longest) return;
    await new Promise((resume) => setTimeout(resume, 0));
    since = Date.now();
  };
}
