import { breakingOutcome, type FailRule } from './fail-rule.js';
import type { Audit, Outcome } from './run-audit.js';
import { describeOutcome } from './words.js';

/** Text as XML shows it, less the control characters that it cannot hold. */
function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => names[character]).replaceAll(/\p{Cc}/gu, ' ');
}

const sentence = (one: Outcome) =>
  `${one.name}, ${one.budget} queries: ${describeOutcome(one)}. ${one.reason}`;

/**
 * An audit as JUnit's XML: a test case an attack. The one that a rule forbids is a failure; one that ended for want of
 * time, and what was not attempted, is skipped, as nothing is known of it.
 */
export function toJUnit(name: string, audit: Audit, rule: FailRule | undefined): string {
  const forbidden = rule && breakingOutcome(rule, audit);
  const cases = audit.outcomes.map((one) => {
    const isBroken = one === forbidden;
    const inner = isBroken
      ? `<failure message="${escapeXml(`${one.verdict} with ${one.queries} queries`)}">${escapeXml(sentence(one))}</failure>`
      : one.endedBy === 'time'
        ? `<skipped message="${escapeXml(one.reason)}"/>`
        : `<system-out>${escapeXml(sentence(one))}</system-out>`;
    const xml = `    <testcase classname="${escapeXml(name)}" name="${escapeXml(one.id)}" time="${one.seconds}">${inner}</testcase>`;
    return { xml, isBroken, isSkipped: !isBroken && one.endedBy === 'time' };
  });
  const others = audit.unattempted.map(
    ({ id, reason }) =>
      `    <testcase classname="${escapeXml(name)}" name="${escapeXml(id)}" time="0"><skipped message="${escapeXml(reason)}"/></testcase>`,
  );
  const failures = cases.filter(({ isBroken }) => isBroken).length;
  const skipped = cases.filter(({ isSkipped }) => isSkipped).length + others.length;
  const counts = `tests="${cases.length + others.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${audit.seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(`eac audit ${name}`)}" ${counts}>`,
    ...cases.map(({ xml }) => xml),
    ...others,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const rules = [
  {
    id: 'identified',
    shortDescription: { text: 'The weights of the model can be recovered from its answers.' },
  },
  {
    id: 'imitated',
    shortDescription: { text: 'A network with the answers of the model can be made from them.' },
  },
];

/** An audit as SARIF 2.1.0: a result for every attack that came to a network, an error where the rule forbids it. */
export function toSarif(place: string, version: string, audit: Audit, rule: FailRule | undefined): string {
  const forbidden = rule && breakingOutcome(rule, audit);
  const results = audit.outcomes
    .filter(({ verdict }) => verdict !== 'failed')
    .map((one) => ({
      ruleId: one.verdict,
      level: one === forbidden ? 'error' : one.verdict === 'identified' ? 'warning' : 'note',
      message: { text: sentence(one) },
      locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(place) } } }],
      partialFingerprints: { rung: one.id },
    }));
  const driver = { name: 'expand-and-cluster', version, rules };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
