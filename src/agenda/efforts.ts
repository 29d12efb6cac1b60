/** Waves of students with one hidden layer before deeper ones, where the activation is known. */
export const wavesForKnown = 2;

/**
 * With so few inputs more of them: many neurons that share few dimensions are what the later waves are for, and the
 * search for deeper layers takes longer than they do (g-2-8-1: 27 s and 18,075 queries with two waves before it, 1.5 s and 2,648 with six).
 */
export const fewInputs = { most: 3, waves: 6 };

/**
 * With one input more the fourth finds them too, where the target is bounded: far out nothing then tells one layer from two
 * (tanh-4-8-1 of the synthetic suite: three of ten seeds, which took 10 s and more or did not end without).
 */
export const fewBounded = { most: 4, waves: 4 };

/**
 * And so many where answers far out have led to no deeper layer: searches for other kinds of networks take longer than
 * they do (tanh-4-8-1 of the synthetic suite, seed 2: 85 s of mixed and residual layers without an end, 6 s with four).
 */
export const wavesBesideDeep = 4;
