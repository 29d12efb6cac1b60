import { describe, test } from 'node:test';
import { referenceKernels } from '../../src/kernels/reference.js';
import { activationNames } from '../../src/network/activations.js';
import {
  assertSame,
  builds,
  type Case,
  caseOf,
  evaluate,
  type Results,
  range,
  shapeOf,
} from './implementations.js';

function name({ shape, samples }: Case): string {
  const { activation, inputs, hidden, outputs, skip } = shape;
  return `${activation}, n=${samples.count} d=${inputs} m=${hidden} o=${outputs}${skip ? ' skip' : ''}`;
}

/** Every count with every d, every m with every o and skip; the other dimensions take turns. */
function raggedCases(): Case[] {
  const cases: Case[] = [];
  const activation = () => activationNames[cases.length % activationNames.length];
  for (const count of [...range(1, 20), ...range(120, 140), 257]) {
    for (const inputs of range(1, 9)) {
      const turn = cases.length;
      const shape = {
        inputs,
        hidden: 1 + ((turn * 5) % 13),
        outputs: 1 + ((turn * 3) % 4),
        skip: turn % 2 === 0,
      };
      cases.push(caseOf(shapeOf({ ...shape, activation: activation() }), count));
    }
  }
  for (const hidden of range(1, 13)) {
    for (const outputs of range(1, 4)) {
      for (const skip of [false, true]) {
        for (const inputs of [1 + (cases.length % 5), 5 + (cases.length % 5)]) {
          const count = [5, 18, 127, 130, 131][cases.length % 5];
          cases.push(caseOf(shapeOf({ inputs, hidden, outputs, skip, activation: activation() }), count));
        }
      }
    }
  }
  return cases;
}

describe('a shallow problem agrees with the reference', () => {
  const cases = raggedCases();
  const expected = new Map<Case, Results>();
  for (const one of cases)
    expected.set(one, evaluate(referenceKernels.shallow(one.shape, one.samples), one.parameters));
  for (const kernels of builds) {
    test(`in ${kernels.name}, for every ragged count, number of inputs, neurons and outputs`, () => {
      for (const one of cases) {
        const problem = kernels.shallow(one.shape, one.samples);
        assertSame(expected.get(one)!, evaluate(problem, one.parameters), name(one));
        problem.dispose();
      }
    });
    test(`in ${kernels.name}, for every activation at the usual sizes`, () => {
      for (const activation of activationNames) {
        for (const skip of [false, true]) {
          const one = caseOf(
            shapeOf({ activation, skip, inputs: 16, hidden: 6, outputs: 3, slope: 0.2 }),
            150,
          );
          const problem = kernels.shallow(one.shape, one.samples);
          const reference = referenceKernels.shallow(one.shape, one.samples);
          assertSame(evaluate(reference, one.parameters), evaluate(problem, one.parameters), name(one));
          problem.dispose();
        }
      }
    });
  }
});
