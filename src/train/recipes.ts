import { adamDefaults } from '../optimise/adam.js';
import type { Initialisation } from './perceptron.js';

/** How a network comes from its first weights to its last. */
export interface Recipe {
  readonly method: 'adam' | 'sgd';
  readonly initialisation: Initialisation;
  readonly learningRate: number;
  /** Rows of a step. */
  readonly batch: number;
  /** Number of passes over the data; `auto` ends when the held-out loss stops falling and keeps its best. */
  readonly epochs: number | 'auto';
}

/** The names of the recipes. */
export type RecipeName = 'own' | 'paper';

/** Recipes by name: ours, and that of the teachers of Martinelli et al. (2024, appendix on MNIST). */
export const recipes: Readonly<Record<RecipeName, Recipe>> = {
  own: {
    method: 'adam',
    initialisation: 'uniform',
    learningRate: adamDefaults.learningRate,
    batch: 64,
    epochs: 'auto',
  },
  paper: { method: 'sgd', initialisation: 'kaiming-normal', learningRate: 0.1, batch: 128, epochs: 40 },
};

/** Their names, in the order of the table. */
export const recipeNames = Object.keys(recipes) as RecipeName[];
