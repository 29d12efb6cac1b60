import { parseFailRule } from '../audit/fail-rule.js';
import { defaultBudget } from '../audit/ladder.js';
import { integer, number, type OptionEntry } from './option-table.js';
import { recoverOptionTable } from './options.js';
import { seconds } from './target-options.js';

/** Seconds for all attacks of an audit unless the user says otherwise. */
export const defaultAuditTime = 60;

const own: readonly OptionEntry[] = [
  {
    flags: '--time <seconds>',
    meaning: 'time for all attacks together; what one leaves goes to those after it',
    parse: seconds('--time', 1e9),
    default: defaultAuditTime,
    shownDefault: String(defaultAuditTime),
  },
  {
    flags: '--budget <queries>',
    meaning: 'most queries of any attack',
    parse: integer('--budget', 1),
    shownDefault: String(defaultBudget),
  },
  {
    flags: '--data <file>',
    meaning:
      'rows of your own traffic: attacks from them as pairs and within their bounds, and measurements on them',
    shownDefault: 'none',
  },
  {
    flags: '--inputs <columns>',
    meaning: 'with --data, the columns that are inputs of the model',
    shownDefault: 'all but the last, or all where there are as many',
  },
  {
    flags: '--price <per-1000>',
    meaning: 'price of 1,000 queries, in any unit: what each attack would have cost',
    parse: number('--price', 'of at least 0', (price) => price >= 0),
    shownDefault: 'none',
  },
  {
    flags: '--defend',
    meaning: 'also try noise, the largest outputs alone and rate limits, and say what they cost whom',
    default: false,
    shownDefault: 'off',
  },
  {
    flags: '--fail-if <rule>',
    meaning:
      'exit code 5 where an attack comes so far: VERDICT@PRECISION,QUERIES, as identified@float32,10000',
    parse: parseFailRule,
    shownDefault: 'none',
  },
  {
    flags: '--out <dir>',
    meaning: 'folder for audit.json, report.html and figures',
    shownDefault: 'eac-audits/<target>',
  },
  { flags: '--junit <file>', meaning: 'also write JUnit XML, a test case an attack', shownDefault: 'none' },
  { flags: '--sarif <file>', meaning: 'also write SARIF 2.1.0', shownDefault: 'none' },
];

const taken = /^--(activation|depth|head|seed|threads|quiet|json)( |$)/;
const ofTargets =
  /^--(exec|input-dimension|input|output|hold|precision|protocol|header|lines|batch|concurrency|timeout|retries|no-cache)( |$)/;

/** The options of `eac audit`: its own, and those of `eac recover` that say what is known and how the target is asked. */
export const auditOptionTable: readonly OptionEntry[] = [
  ...own,
  ...recoverOptionTable.filter(({ flags }) => taken.test(flags) || ofTargets.test(flags)),
];
