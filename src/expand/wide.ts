/** Above so many inputs of the students, growing is slower than it is worth: wide random starts reach the floor there. */
export const mostGrown = 12;

/** Whether students of so many inputs are wide: they start at random and their hypotheses race. */
export const isWide = (inputs: number) => inputs > mostGrown;
