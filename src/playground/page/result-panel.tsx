import { useEffect, useMemo } from 'preact/hooks';
import type { MadeFigure, MadeFile } from '../protocol.js';
import type { RunState } from './run-state.js';

/** What came out: the verdict, files for download, the tree, and beside the truth where the user asks for it. */
export function ResultPanel(props: { readonly state: RunState; onTruth(isWanted: boolean): void }) {
  const { state } = props;
  const { recovery, files, figures, compared, note } = state;
  if (recovery === null) return null;
  const { network, verdict } = recovery;
  return (
    <section class="panel" aria-labelledby="result">
      <h2 id="result">What came out</h2>
      <p class={`verdict ${verdict}`}>
        <strong>{verdict}</strong> {recovery.reason}
      </p>
      {network !== null && (
        <dl class="facts">
          <Fact
            name="widths"
            value={[network.layers[0].inputs, ...network.layers.map(({ outputs }) => outputs)].join('-')}
          />
          <Fact name="activation" value={network.activation} />
          <Fact name="queries" value={recovery.queries.toLocaleString('en')} />
          <Fact name="seconds" value={state.seconds.toFixed(1)} />
        </dl>
      )}
      <h3>Files</h3>
      <ul class="files">
        {files.length === 0 && <li>being made …</li>}
        {files.map((file) => (
          <li key={file.name}>
            <Download file={file} />
          </li>
        ))}
      </ul>
      {network !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={compared !== null}
            onChange={(event) => props.onTruth(event.currentTarget.checked)}
          />{' '}
          Show the truth beside it (it was not read before)
        </label>
      )}
      {note !== '' && <p role="alert">{note}</p>}
      {compared !== null && <Truth {...compared} />}
      {figures.map((figure) => (
        <Picture key={figure.name} figure={figure} />
      ))}
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** An address of some content for as long as the component is shown. */
function useAddress(content: Uint8Array | string, type: string): string {
  const address = useMemo(
    () => URL.createObjectURL(new Blob([content as Uint8Array<ArrayBuffer> | string], { type })),
    [content, type],
  );
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return address;
}

function Download({ file }: { readonly file: MadeFile }) {
  const address = useAddress(file.content, file.type);
  return (
    <a href={address} download={file.name}>
      {file.name}
    </a>
  );
}

function Picture({ figure }: { readonly figure: MadeFigure }) {
  const address = useAddress(figure.svg, 'image/svg+xml');
  return (
    <figure>
      <h3>{figure.title}</h3>
      <div class="scroll">
        <img src={address} alt={figure.description} />
      </div>
      <figcaption>{figure.description}</figcaption>
    </figure>
  );
}

const shown = (error: number | null) => (error === null ? '–' : error === 0 ? '0' : error.toExponential(1));

/** Most neurons in the table beside the truth. */
const mostRows = 60;

function Truth({ beside, weightError, functionError, figures }: NonNullable<RunState['compared']>) {
  const missing = beside.filter(({ found }) => found === null).length;
  const excess = beside.filter(({ truth }) => truth === null).length;
  return (
    <>
      <p>
        {missing} neurons missing, {excess} in excess; largest relative weight error {shown(weightError)},
        function error {shown(functionError)}.
      </p>
      <div class="scroll">
        <table>
          <caption>Neurons of the truth and those that were found</caption>
          <thead>
            <tr>
              {['Layer', 'Truth', 'Found', 'Relative error'].map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {beside.slice(0, mostRows).map(({ layer, truth, found, error }) => (
              <tr key={`${layer}.${truth}.${found}`}>
                <td>{layer}</td>
                <td>{truth === null ? 'none' : truth + 1}</td>
                <td>{found === null ? 'missing' : found + 1}</td>
                <td>{shown(error)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {figures.map((figure) => (
        <Picture key={figure.title} figure={figure} />
      ))}
    </>
  );
}
