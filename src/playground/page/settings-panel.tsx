import { useState } from 'preact/hooks';
import { type ActivationName, activationNames } from '../../network/activations.js';
import { deepest } from '../../options.js';
import { integerOf, type PlaygroundSettings } from '../settings.js';

const depths = ['auto', ...Array.from({ length: deepest }, (_, i) => String(i + 1))];

/** What the recovery is told, and how wide its students are: each change starts it anew. */
export function SettingsPanel(props: {
  readonly settings: PlaygroundSettings;
  onChange(settings: PlaygroundSettings): void;
  onError(message: string): void;
}) {
  const { settings, onChange } = props;
  const change = (more: Partial<PlaygroundSettings>) => onChange({ ...settings, ...more });
  return (
    <section class="panel" aria-labelledby="settings">
      <h2 id="settings">What it is told</h2>
      <p>Each change starts the recovery anew: see what it does to what can be known.</p>
      <div class="fields">
        <ChoiceField
          name="Activation"
          choices={['auto', ...activationNames]}
          value={settings.activation}
          onValue={(name) => change({ activation: name as ActivationName | 'auto' })}
        />
        <ChoiceField
          name="Hidden layers"
          choices={depths}
          value={String(settings.depth)}
          onValue={(depth) => change({ depth: depth === 'auto' ? depth : Number(depth) })}
        />
        <NumberField
          name="Seed"
          size={5}
          least={0}
          value={settings.seed}
          onError={props.onError}
          onValue={(seed) => change({ seed: seed ?? 0 })}
        />
        <NumberField
          name="Width of students"
          size={5}
          most={256}
          placeholder="auto"
          value={settings.width}
          onError={props.onError}
          onValue={(width) => change({ width })}
        />
        <NumberField
          name="Most queries"
          size={8}
          placeholder="no limit"
          value={settings.budget}
          onError={props.onError}
          onValue={(budget) => change({ budget })}
        />
      </div>
    </section>
  );
}

function ChoiceField(props: {
  readonly name: string;
  readonly choices: readonly string[];
  readonly value: string;
  onValue(value: string): void;
}) {
  return (
    <label>
      {props.name}{' '}
      <select value={props.value} onChange={(event) => props.onValue(event.currentTarget.value)}>
        {props.choices.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

/** A field for an integer, or for nothing; what cannot be read is told. */
function NumberField(props: {
  readonly name: string;
  readonly size: number;
  readonly value: number | null;
  readonly least?: number;
  readonly most?: number;
  readonly placeholder?: string;
  onValue(value: number | null): void;
  onError(message: string): void;
}) {
  const { name, size, value, least = 1, most, placeholder } = props;
  // the page is drawn again while a run goes on: what is being typed stays
  const [typed, setTyped] = useState<string | null>(null);
  const take = (text: string) => {
    setTyped(null);
    try {
      props.onValue(text.trim() === '' ? null : integerOf(name.toLowerCase(), text, least, most));
    } catch (error) {
      props.onError((error as Error).message);
    }
  };
  return (
    <label>
      {name}{' '}
      <input
        inputMode="numeric"
        size={size}
        placeholder={placeholder ?? ''}
        value={typed ?? (value === null ? '' : String(value))}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => take(event.currentTarget.value)}
      />
    </label>
  );
}
