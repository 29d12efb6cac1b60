import type { StoredTried } from '../run/recovery-schema.js';
import { escapeHtml, formatNumber, table } from './html.js';
import type { Section } from './page-frame.js';

/** What was tried before what led to the verdict, with what it cost and how near its races came. */
export function triedSection(tried: readonly StoredTried[]): Section {
  const rows = tried.map(({ what, queries, students, races = [], why = '' }) => [
    escapeHtml(what),
    formatNumber(queries),
    formatNumber(students),
    [...races.map(describeRace), escapeHtml(why)].filter((text) => text !== '').join('; '),
  ]);
  const head = ['What', 'Queries', 'Students', 'How it went'];
  const content = `<p>Other ways to find a network that were tried before, in this order, and that did not lead to the result.</p>${table('What was tried before', head, rows)}`;
  return { id: 'tried', title: 'What was tried before', content };
}

function describeRace({ widths, students, activations, loss }: NonNullable<StoredTried['races']>[number]) {
  return `of ${formatNumber(students)} students of ${widths.join('-')} neurons that raced, the best (${activations.join(', ')}) left ${formatNumber(loss)} of the variance`;
}
