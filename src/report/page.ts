import type { StoredRecovery } from '../run/recovery-schema.js';
import { drawHeldOutAnswers, drawHeldOutErrors } from './figures-held-out.js';
import { drawNetwork, drawWeights } from './figures-network.js';
import { drawLossCurves } from './figures-students.js';
import { drawTruth } from './figures-truth.js';
import { escapeHtml } from './html.js';
import { layOutPage, type Section, showFigure } from './page-frame.js';
import type { Figure } from './plot.js';
import type { ReportData } from './report-data.js';
import { certificateSection, keyFacts, verdictBox } from './section-certificate.js';
import { layerContent } from './section-layers.js';
import { triedSection } from './section-tried.js';
import { runTables, studentTable, truthTables, weightTables } from './sections.js';

/** A report: one page that needs nothing else, and its figures. */
export interface Report {
  readonly html: string;
  readonly figures: readonly Figure[];
}

/** Lays out the report of a run: verdict and certificate first, then how it came about. */
export function layOutReport(data: ReportData): Report {
  const { recovery, layers, truth } = data;
  const { network, evidence } = recovery;
  const figures: Figure[] = [];
  const show = (figure: Figure): string => {
    figures.push(figure);
    return showFigure(figure);
  };
  const sections: Section[] = [
    {
      id: 'certificate',
      title: 'The certificate',
      content: `${certificateSection(recovery)}${heldOutFigures(recovery, show)}`,
    },
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
  if (evidence.tried !== undefined) sections.push(triedSection(evidence.tried));
  for (const [index, { stored, view }] of layers.entries()) {
    if (view === undefined && stored.how === undefined && layers.length === 1) continue;
    const title = view === undefined ? 'How it was found' : 'What the students share';
    sections.push({
      id: `layer-${index + 1}`,
      title: layers.length === 1 ? title : `${title}: hidden layer ${index + 1}`,
      content: layerContent(stored, view, show),
    });
  }
  sections.push({ id: 'run', title: 'How it was run', content: runTables(data) });
  const { name } = data;
  const html = layOutPage({
    title: `${recovery.verdict}: ${name}`,
    heading: name,
    kind: `Recovery of a neural network from its inputs and outputs alone: ${recovery.target}`,
    opening: `${verdictBox(recovery)}\n${keyFacts(recovery)}`,
    sections,
    footer: `Written by expand-and-cluster ${escapeHtml(recovery.versions['expand-and-cluster'] ?? '')}. The method is that of Martinelli et al., Expand-and-Cluster: Parameter Recovery of Neural Networks (ICML 2024).`,
  });
  return { html, figures };
}

/** The imitation error on held-out queries, where it was kept. */
function heldOutFigures({ evidence, network }: StoredRecovery, show: (figure: Figure) => string): string {
  if (evidence.certificate === undefined || network === null) return '';
  const { heldOut, floorCause } = evidence.certificate;
  const { outputs } = network.layers[network.layers.length - 1];
  const noun = evidence.pairs === undefined ? 'queries' : 'pairs';
  const figures = [drawHeldOutErrors(heldOut, noun, floorCause), drawHeldOutAnswers(heldOut, outputs, noun)];
  const drawn = figures.map((figure) => (figure === undefined ? '' : show(figure))).join('');
  return drawn && `<h3 id="held-out">Imitation error on held-out ${noun}</h3>${drawn}`;
}

function studentsSection({ recovery }: ReportData, show: (figure: Figure) => string): Section {
  const { students, certificate, subspace } = recovery.evidence;
  const reached = students.filter((student) => student.atFloor).length;
  const inside =
    subspace === undefined
      ? ''
      : ` The answers change in ${subspace.rank} of ${subspace.inputDimension} dimensions of the input only, so the students were trained in those.`;
  const deep = students.filter(({ shape }) => shape.widths !== undefined).length;
  const behind = students.filter(({ peeled = 0, shape }) => peeled > 0 && shape.widths === undefined).length;
  const kinds =
    deep + behind === 0
      ? ''
      : ` A target with several hidden layers is found from the first layer on: ${deep} of the students have several hidden layers, and ${behind} learned what is left behind layers that were known by then.`;
  const content = `<p>Students are networks, wider than the target has to be, that are trained to answer as it does. The floor is the loss that the target’s own rounding or noise leaves: who reaches it imitates perfectly. ${reached} of ${students.length} did.${kinds}${inside}</p>${show(drawLossCurves(students, certificate?.floor))}${studentTable(students)}`;
  return { id: 'students', title: 'The students', content };
}
