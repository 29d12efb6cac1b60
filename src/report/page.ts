import { basename, resolve } from 'node:path';
import type { StoredLayer } from '../run/recovery-schema.js';
import { drawClusters } from './figures-cluster-list.js';
import { drawDendrogram, drawDistances } from './figures-clusters.js';
import { drawNetwork, drawWeights } from './figures-network.js';
import { drawLossCurves } from './figures-students.js';
import { drawTruth } from './figures-truth.js';
import { escapeHtml, formatNumber } from './html.js';
import type { Figure } from './plot.js';
import type { ReportData } from './report-data.js';
import { certificateSection, keyFacts, verdictBox } from './section-certificate.js';
import { clusterTables, runTables, studentTable, truthTables, weightTables } from './sections.js';
import { styleSheet } from './style.js';

/** A report: one page that needs nothing else, and its figures. */
export interface Report {
  readonly html: string;
  readonly figures: readonly Figure[];
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: string;
}

/** Lays out the report of a run: verdict and certificate first, then how it came about. */
export function layOutReport(data: ReportData): Report {
  const { recovery, layers, truth } = data;
  const { network, evidence } = recovery;
  const figures: Figure[] = [];
  const show = (figure: Figure): string => {
    figures.push(figure);
    return `<figure id="figure-${figure.name}"><div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(figure.title)}">${figure.svg}</div><figcaption>${escapeHtml(figure.description)}</figcaption></figure>`;
  };
  const sections: Section[] = [
    { id: 'certificate', title: 'The certificate', content: certificateSection(recovery) },
  ];
  if (network !== null) {
    const content = `${show(drawNetwork(network))}<h3>Incoming weights of the first hidden layer</h3>${show(drawWeights(network))}${weightTables(network)}`;
    sections.push({ id: 'network', title: 'The network', content });
  }
  if (truth !== undefined) {
    const figure = drawTruth(truth, network);
    const content = `${truthTables(truth)}${figure === undefined ? '' : show(figure)}`;
    sections.push({ id: 'truth', title: 'Beside the truth', content });
  }
  if (evidence.students.length > 0) sections.push(studentsSection(data, show));
  for (const [index, { stored, view }] of layers.entries()) {
    if (view === undefined) {
      if (layers.length > 1) sections.push(withoutTree(index + 1, stored));
      continue;
    }
    const distances = drawDistances(view);
    const clusters = drawClusters(view);
    const { chosen, cuts } = view.clustering;
    const content = `<p>Students that imitate perfectly must contain the target’s neurons, and each adds superfluous ones of its own. So the neurons of ${chosen.students === 1 ? 'one student' : `${chosen.students} students`} were joined by how alike their incoming weights are, and the tree was cut where one neuron for each shared cluster imitates the target best (${formatNumber(cuts.length)} cuts were tried). A cluster counts when enough students have a neuron in it.</p>${show(drawDendrogram(view))}${distances === undefined ? '' : show(distances)}${clusters === undefined ? '' : show(clusters)}${clusterTables(stored, view)}`;
    const name =
      layers.length === 1 ? 'What the students share' : `What the students share: hidden layer ${index + 1}`;
    sections.push({ id: `layer-${index + 1}`, title: name, content });
  }
  sections.push({ id: 'run', title: 'How it was run', content: runTables(data) });
  const name = basename(resolve(data.folder));
  const title = `${recovery.verdict}: ${name}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${styleSheet}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(name)}</h1>
<p class="kind">Recovery of a neural network from its inputs and outputs alone: ${escapeHtml(recovery.target)}</p>
${verdictBox(recovery)}
${keyFacts(recovery)}
<nav aria-label="Sections"><ol>${sections.map((section) => `<li><a href="#${section.id}">${escapeHtml(section.title)}</a></li>`).join('')}</ol></nav>
</header>
${sections.map(({ id, title: heading, content }) => `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(heading)}</h2>\n${content}</section>`).join('\n')}
<footer>Written by expand-and-cluster ${escapeHtml(recovery.versions['expand-and-cluster'] ?? '')}. The method is that of Martinelli et al., Expand-and-Cluster: Parameter Recovery of Neural Networks (ICML 2024). Every figure is an SVG file in the folder <code>figures</code>.</footer>
</main>
</body>
</html>
`;
  return { html, figures };
}

/** A layer whose neurons were not found by clustering: how they were found instead. */
function withoutTree(
  number: number,
  { how, lines, inspected, students: shared, widths }: StoredLayer,
): Section {
  const found: Record<string, string> = {
    'far field': `were read off the target's answers far from the origin, where along a line the bends of single neurons stand alone: ${inspected} bends on ${lines} lines were looked at, so there is no tree to show`,
    students: `are those that ${shared === 1 ? 'one student' : `${shared} students`} with the hidden widths ${widths?.join('-')} had in the first of their layers at the floor. Students with several hidden layers are kept in the folder <code>fits</code> alone, so there is no tree to show`,
  };
  const words = found[how ?? ''] ?? 'were not found by clustering students, so there is no tree to show';
  const content = `<p>The neurons of this layer ${words}.</p>`;
  return { id: `layer-${number}`, title: `Hidden layer ${number}`, content };
}

function studentsSection({ recovery }: ReportData, show: (figure: Figure) => string): Section {
  const { students, certificate, subspace } = recovery.evidence;
  const reached = students.filter((student) => student.atFloor).length;
  const inside =
    subspace === undefined
      ? ''
      : ` The answers change in ${subspace.rank} of ${subspace.inputDimension} dimensions of the input only, so the students were trained in those.`;
  const content = `<p>Students are networks, wider than the target has to be, that are trained to answer as it does. The floor is the loss that the target’s own rounding or noise leaves: who reaches it imitates perfectly. ${reached} of ${students.length} did.${inside}</p>${show(drawLossCurves(students, certificate?.floor))}${studentTable(students)}`;
  return { id: 'students', title: 'The students', content };
}
