import { columnsOf } from '../numeric/columns.js';
import type { Dataset } from '../records.js';

/** Answers that must have been given before their values are counted, and the most values that are few. */
const fewestAnswers = 100;
const mostValues = 20;

/** Why answers that take few values tell no weights, in words; undefined where some output takes more, or answers are few. */
export function describeFewValues({ outputs, count, outputDimension }: Dataset): string | undefined {
  if (count < fewestAnswers) return undefined;
  const values = new Set<number>();
  for (const column of columnsOf(outputs, count, outputDimension)) {
    const own = new Set(column);
    if (own.size > mostValues) return undefined;
    for (const value of own) values.add(value);
  }
  const shown = [...values].sort((a, b) => a - b);
  const list = `${shown.slice(0, 6).map(String).join(', ')}${shown.length > 6 ? ', …' : ''}`;
  const few = `the answers take only ${shown.length} values (${list})`;
  return shown.every(Number.isInteger)
    ? `${few}: these look like labels, which say to what class an input belongs and not how near it is to another, so they do not determine weights; expected what the decision is made from, such as logits or probabilities (of a model with several outputs, --output names one)`
    : `${few}: these look like steps or the leaves of a decision tree, which do not determine weights; expected answers that change with the inputs`;
}
