import { useState } from 'preact/hooks';
import { type ActivationName, activationNames } from '../../network/activations.js';
import { exampleNames } from '../example-names.generated.js';
import { integerOf, type PlaygroundSettings, parseSizes } from '../settings.js';

/** A file of the user's: it stays in the page. */
export interface OwnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Where what is recovered comes from: examples in one click, a file, a network that is drawn. */
export function SourcePanel(props: {
  readonly settings: PlaygroundSettings;
  readonly file: OwnFile | null;
  onExample(name: string): void;
  onFile(file: OwnFile): void;
  onDrawn(sizes: readonly number[], activation: ActivationName, seed: number): void;
  onError(message: string): void;
}) {
  const { settings, file } = props;
  const { choice } = settings;
  return (
    <section class="panel" aria-labelledby="source">
      <h2 id="source">What is recovered</h2>
      <h3>An example, in one click</h3>
      <div class="examples">
        {exampleNames.map((name) => (
          <button
            type="button"
            key={name}
            aria-pressed={choice.kind === 'example' && choice.name === name}
            onClick={() => props.onExample(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <h3>A file of yours</h3>
      <DropZone file={file} isChosen={choice.kind === 'file'} onFile={props.onFile} onError={props.onError} />
      <h3>A network that you draw</h3>
      <DrawForm key={JSON.stringify(props.settings.choice)} {...props} />
    </section>
  );
}

/** Largest file that is read into the page. */
const largestFile = 200_000_000;

function DropZone(props: {
  readonly file: OwnFile | null;
  readonly isChosen: boolean;
  onFile(file: OwnFile): void;
  onError(message: string): void;
}) {
  const [isOver, setOver] = useState(false);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > largestFile) {
      props.onError(`${file.name} is ${file.size} bytes long, expected at most ${largestFile}`);
      return;
    }
    props.onFile({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  return (
    <label
      class={`drop${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <span>
        {props.isChosen && props.file !== null
          ? props.file.name
          : 'Drop or choose an ONNX, safetensors, NPZ or CSV file: it stays on this machine'}
      </span>
      <input
        type="file"
        accept=".onnx,.safetensors,.npz,.npy,.nnet,.csv,.tsv,.txt"
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
    </label>
  );
}

function DrawForm(props: {
  readonly settings: PlaygroundSettings;
  onDrawn(sizes: readonly number[], activation: ActivationName, seed: number): void;
  onError(message: string): void;
}) {
  const { choice } = props.settings;
  const drawn = choice.kind === 'drawn' ? choice.drawn : undefined;
  // the page is drawn again while a run goes on: what is being typed stays
  const [typed, setTyped] = useState({
    sizes: drawn?.sizes.join('-') ?? '2-3-1',
    of: drawn?.activation ?? 'tanh',
    weights: String(drawn?.seed ?? 0),
  });
  const type = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement | HTMLSelectElement;
    setTyped((before) => ({ ...before, [name]: value }));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    try {
      const sizes = parseSizes(typed.sizes);
      const seed = integerOf('the seed of the weights', typed.weights, 0);
      props.onDrawn(sizes, typed.of as ActivationName, seed);
    } catch (error) {
      props.onError((error as Error).message);
    }
  };
  return (
    <form class="fields" onSubmit={submit} onInput={type}>
      <label>
        Sizes <input name="sizes" value={typed.sizes} size={8} />
      </label>
      <label>
        Activation{' '}
        <select name="of" value={typed.of}>
          {activationNames.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Weights by seed <input name="weights" inputMode="numeric" value={typed.weights} size={4} />
      </label>
      <button type="submit" aria-pressed={choice.kind === 'drawn'}>
        Draw and recover
      </button>
    </form>
  );
}
