import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { drawNetwork } from '../draw-network.js';
import type { Source } from '../protocol.js';
import { defaultSettings, fromLink, type PlaygroundSettings, toLink } from '../settings.js';
import { Chart } from './canvas.js';
import { describeTree } from './describe-tree.js';
import { ResultPanel } from './result-panel.js';
import { describeRun, firstLayer, type RunState } from './run-state.js';
import { SettingsPanel } from './settings-panel.js';
import { type OwnFile, SourcePanel } from './source-panel.js';
import { type Charts, useCharts } from './use-charts.js';
import { type Run, useRun } from './use-run.js';

/** The settings of the link that the page was opened with, and what is wrong with them. */
function readLink(): { settings: PlaygroundSettings; wrong: string } {
  try {
    return { settings: fromLink(location.hash), wrong: '' };
  } catch (error) {
    return { settings: defaultSettings, wrong: `The link cannot be used: ${(error as Error).message}.` };
  }
}

/** What the settings name, as the engine takes it; null where it is a file that is not there. */
async function sourceOf({ choice }: PlaygroundSettings, file: OwnFile | null): Promise<Source | null> {
  if (choice.kind === 'drawn') {
    const { sizes, activation } = choice.drawn;
    return { kind: 'network', name: `${activation}-${sizes.join('-')}`, network: drawNetwork(choice.drawn) };
  }
  if (choice.kind === 'file') return file && { kind: 'file', ...file };
  // the examples are loaded when one is wanted
  const { examples } = await import('../examples.generated.js');
  const text = examples[choice.name];
  if (text === undefined) throw new Error(`there is no example '${choice.name.slice(0, 40)}'`);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return { kind: 'file', name: `${choice.name}.onnx`, bytes };
}

/** Brings a section into view by its heading: on a phone it may stand below what was touched. */
function bringIntoView(heading: string): void {
  document.getElementById(heading)?.closest('section')?.scrollIntoView({ block: 'nearest' });
}

/** The settings of the link, which is followed when it changes. */
function useLink() {
  const [link, setLink] = useState(readLink);
  useEffect(() => {
    const follow = () => setLink(readLink());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return [link, setLink] as const;
}

/** The page. */
export function App() {
  const [{ settings, wrong }, setLink] = useLink();
  const [file, setFile] = useState<OwnFile | null>(null);
  const charts = useCharts();
  const run = useRun(charts.tell);
  const complain = useCallback((message: string) => setLink((one) => ({ ...one, wrong: message })), []);
  const begin = useCallback(async (next: PlaygroundSettings, own: OwnFile | null) => {
    setLink({ settings: next, wrong: '' });
    history.replaceState(null, '', `#${toLink(next)}`);
    try {
      const source = await sourceOf(next, own);
      if (source === null) return;
      run.start(source, next);
      bringIntoView('run');
    } catch (error) {
      complain((error as Error).message);
    }
  }, []);
  return (
    <>
      <Head />
      {wrong !== '' && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <main>
        <div class="choices">
          <SourcePanel
            settings={settings}
            file={file}
            onExample={(name) => void begin({ ...settings, choice: { kind: 'example', name } }, file)}
            onFile={(own) => {
              setFile(own);
              void begin({ ...settings, choice: { kind: 'file' } }, own);
            }}
            onDrawn={(sizes, activation, seed) =>
              void begin({ ...settings, choice: { kind: 'drawn', drawn: { sizes, activation, seed } } }, file)
            }
            onError={complain}
          />
          <SettingsPanel settings={settings} onChange={(next) => void begin(next, file)} onError={complain} />
        </div>
        <div class="views">
          <Controls run={run} onStart={() => void begin(settings, file)} />
          <ChartPanel key={charts.generation} charts={charts} state={run.state} settings={settings} />
          <ResultPanel
            state={run.state}
            onTruth={(isWanted) => (isWanted ? run.showTruth() : run.hideTruth())}
          />
        </div>
      </main>
      <Foot />
    </>
  );
}

function Foot() {
  return (
    <footer>
      The method is that of Martinelli et al., Expand-and-Cluster: Parameter Recovery of Neural Networks (ICML
      2024). Use it on networks that are yours.
    </footer>
  );
}

function Head() {
  return (
    <header>
      <h1>Expand-and-Cluster</h1>
      <p>
        Recovers a neural network from its answers alone, here in your browser: nothing leaves this machine.
      </p>
    </header>
  );
}

function Controls({ run, onStart }: { readonly run: Run; onStart(): void }) {
  const { state } = run;
  const isOn = state.status === 'running' || state.status === 'paused';
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <section class="panel" aria-labelledby="run">
      <h2 id="run">The run</h2>
      <div class="buttons">
        <button type="button" class="first" onClick={onStart}>
          {isOn ? 'Start anew' : 'Recover'}
        </button>
        <button
          type="button"
          disabled={!isOn}
          onClick={() => (state.status === 'paused' ? run.goOn() : run.pause())}
        >
          {state.status === 'paused' ? 'Go on' : 'Pause'}
        </button>
        <button type="button" disabled={state.status !== 'paused'} onClick={run.step}>
          Step
        </button>
        <button type="button" disabled={!isOn} onClick={run.stop}>
          Stop
        </button>
        <button type="button" onClick={() => void copy()}>
          {copied ? 'Copied' : 'Copy link'}
        </button>
      </div>
      <p class="status" aria-hidden="true">
        {describeRun(state)}
      </p>
      <Announcement words={describeRun(state)} status={state.status} />
      <p class="numbers">
        {state.opened?.description ?? 'no target yet'} · {state.queries.toLocaleString('en')} queries ·{' '}
        {state.seconds.toFixed(1)} s
      </p>
    </section>
  );
}

/** Milliseconds between two announcements while a run goes on: each student's end would not let a screen reader finish. */
const announcedEvery = 4000;

/** The line of status for screen readers: at once where the run begins, rests or ends, seldom in between. */
function Announcement({ words, status }: { readonly words: string; readonly status: string }) {
  const [said, say] = useState(words);
  const latest = useRef(words);
  latest.current = words;
  useEffect(() => say(latest.current), [status]);
  useEffect(() => {
    if (status !== 'running') return undefined;
    const timer = setInterval(() => say(latest.current), announcedEvery);
    return () => clearInterval(timer);
  }, [status]);
  return (
    <p role="status" class="unseen">
      {said}
    </p>
  );
}

function ChartPanel(props: {
  readonly charts: Charts;
  readonly state: RunState;
  readonly settings: PlaygroundSettings;
}) {
  const { charts, state, settings } = props;
  const { opened, recovery, compared } = state;
  const network = recovery?.network ?? null;
  const isPlane = opened?.inputs === 2;
  useEffect(() => {
    const frame = opened?.frame ?? null;
    // lines are drawn in the coordinates of the target, points in those of the students
    const coordinates = isPlane ? {} : { basis: recovery?.evidence.subspace?.basis, frame };
    const backdrop = {
      activation: network?.activation ?? settings.activation,
      ...{ picture: opened?.picture ?? null, frame },
      found: network && firstLayer(network, coordinates),
      truth: compared && firstLayer(compared.truth, coordinates),
    };
    charts.tell({ kind: 'backdrop', backdrop });
  }, [opened, recovery, compared, settings.activation]);
  const counts = `${state.students} students are trained, ${state.atFloor} of them at the floor`;
  const marks = `${network === null ? '' : ' Thick or ringed: the network that was found.'}${compared === null ? '' : ' Dashed or ringed in orange: the truth.'}`;
  return (
    <div class="charts">
      <Chart
        {...{ charts, name: 'losses' }}
        title="Losses"
        words={`Loss of every student against iterations, on a logarithmic axis: ${counts}. Blue: at the floor; orange: in training; grey: stuck.`}
      />
      {isPlane ? (
        <Chart
          key="hyperplanes"
          {...{ charts, name: 'hyperplanes' }}
          title="Where the neurons bend"
          words={`The plane of the two inputs from −5 to 5, coloured by the target's first output, with a line for every neuron of every student.${marks} The picture's own questions are not counted, and the recovery does not see them.`}
          isSquare
        />
      ) : (
        <Chart
          key="directions"
          {...{ charts, name: 'directions' }}
          title="The students' neurons"
          words={`Incoming weights of the neurons of all students, along their two principal directions: those of students at the floor (blue) find together.${marks}`}
          isSquare
        />
      )}
      <Chart
        {...{ charts, name: 'tree' }}
        title="The tree and its cut"
        words={describeTree(state.tree)}
        isWide
      />
    </div>
  );
}
