import { details, escapeHtml, formatNumber, table } from '../report/html.js';
import { layOutPage, type Section, showFigure } from '../report/page-frame.js';
import type { Figure } from '../report/plot.js';
import { drawErrorByQueries, drawNeuronsByQueries, drawViews } from './figures.js';
import type { Audit, Outcome } from './run-audit.js';
import { dailyLimits, daysUnderLimits, describeAudit, isTaken } from './words.js';

/** What a page tells beside the audit itself. */
export interface PageContext {
  /** The target in words. */
  readonly target: string;
  readonly name: string;
  /** How it was run: settings by their names. */
  readonly settings: Readonly<Record<string, string>>;
  /** What became of `--fail-if`, in a sentence. */
  readonly rule?: string | undefined;
  readonly version: string;
  /** Whether queries have a price. */
  readonly hasPrice: boolean;
  /** Whether defences were tried. */
  readonly defend: boolean;
}

function sectionsOf(audit: Audit, context: PageContext, figures: readonly Figure[]): Section[] {
  const { outcomes } = audit;
  const show = (name: string) =>
    figures
      .filter((figure) => figure.name === name)
      .map(showFigure)
      .join('');
  const part = (wanted: Outcome['part']) => outcomes.filter((one) => one.part === wanted);
  return [
    {
      id: 'seen',
      title: 'By what is seen',
      content:
        outcomeTable('Attacks with the most queries', part('ladder'), context) +
        show('views') +
        listed(audit),
    },
    {
      id: 'queries',
      title: 'By queries',
      content:
        outcomeTable('Attacks with fewer queries', part('curve'), context) +
        show('error-by-queries') +
        show('neurons-by-queries'),
    },
    ...(context.defend
      ? [{ id: 'defences', title: 'Defences, and what they cost', content: defences(audit, context) }]
      : []),
    {
      id: 'run',
      title: 'How it was run',
      content: table('What was asked for', ['', ''], rowsOf(context.settings)),
    },
  ];
}

/** Lays out the page of an audit: one file that needs nothing else, in the style of a run's report; and its figures. */
export function layOutAudit(audit: Audit, context: PageContext): { html: string; figures: Figure[] } {
  const { outcomes } = audit;
  const figures = [drawViews, drawErrorByQueries, drawNeuronsByQueries].flatMap(
    (draw) => draw(outcomes) ?? [],
  );
  const sections = sectionsOf(audit, context, figures);
  const title = `Audit of ${context.name}`;
  const sentences = [...describeAudit(audit), ...(context.rule === undefined ? [] : [context.rule])];
  const html = layOutPage({
    title,
    heading: title,
    kind: `How much of a model its answers give away, and to whom: ${context.target}`,
    opening: `<div class="verdict ${outcomes.some(isTaken) ? 'imitated' : 'identified'}"><strong>${headline(audit)}</strong>${sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}</div>`,
    sections,
    footer: `Written by expand-and-cluster ${escapeHtml(context.version)}. Attacks saw answers alone; the weights of the model were read for the measurements only.`,
  });
  return { html, figures };
}

function headline({ outcomes }: Audit): string {
  const attacks = outcomes.filter(({ isSameRun }) => !isSameRun);
  const taken = attacks.filter(isTaken).length;
  return `${taken} of ${attacks.length} attacks took the whole model`;
}

const rowsOf = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).map(([name, value]) => [escapeHtml(name), escapeHtml(value)]);

const shareOf = ({ neurons }: Outcome) => (neurons === null ? '–' : `${neurons.recovered} of ${neurons.of}`);

function outcomeTable(caption: string, outcomes: readonly Outcome[], { hasPrice }: PageContext): string {
  if (outcomes.length === 0) return '';
  const rows = outcomes.map((one) => [
    escapeHtml(one.name),
    one.access === 'pairs' ? `${formatNumber(one.budget)} pairs` : formatNumber(one.budget),
    one.verdict,
    shareOf(one),
    formatNumber(one.weightError),
    formatNumber(one.functionError),
    formatNumber(one.queries),
    one.isSameRun ? 'same run' : one.seconds.toFixed(1) + (one.endedBy === 'time' ? ' (all)' : ''),
    ...(hasPrice ? [one.price === null ? '–' : one.price.toFixed(2)] : []),
  ]);
  const head = ['Seen', 'Allowed', 'Verdict', 'Neurons', 'Weights', 'Function', 'Queries', 'Seconds'];
  return table(caption, [...head, ...(hasPrice ? ['Cost'] : [])], rows) + reasons(outcomes);
}

function reasons(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    `${escapeHtml(one.name)}, ${formatNumber(one.budget)}`,
    escapeHtml(one.reason),
  ]);
  return details(
    'Why each came to its verdict',
    table('Reasons of the verdicts', ['Attack', 'Reason'], rows),
  );
}

function listed({ unattempted }: Audit): string {
  if (unattempted.length === 0) return '';
  const rows = unattempted.map(({ name, reason }) => [escapeHtml(name), escapeHtml(reason)]);
  return table('Not attempted', ['Seen', ''], rows);
}

function defences(audit: Audit, context: PageContext): string {
  const { outcomes } = audit;
  const tried = outcomes.filter((one) => one.honest !== null && one.honest.change > 0);
  const rows = tried.map((one) => [
    escapeHtml(one.name),
    formatNumber(one.honest!.change),
    one.honest!.decisionsChanged === null ? '–' : `${(100 * one.honest!.decisionsChanged).toFixed(2)} %`,
    one.verdict,
    shareOf(one),
    formatNumber(one.functionError),
    formatNumber(one.queries),
  ]);
  const head = [
    'Defence',
    'Answers changed by',
    'Decisions changed',
    'Attack',
    'Neurons',
    'Function error',
    'Queries',
  ];
  const own = outcomes.filter(({ part }) => part === 'defence');
  const days = daysUnderLimits(audit);
  const limits =
    days === undefined
      ? '<p>No attack took the whole model, so there is nothing for a rate limit to slow down.</p>'
      : table(
          `Rate limits: days that the cheapest attack that took the whole (${formatNumber(days.queries)} queries) needs; honest users below the limit notice nothing`,
          ['Queries a day', 'Days'],
          dailyLimits.map((limit, i) => [formatNumber(limit), formatNumber(days.days[i])]),
        );
  return `${table('What honest users pay, and what the attack came to', head, rows)}${limits}${outcomeTable('The attacks on noise and on the largest outputs alone', own, context)}`;
}
