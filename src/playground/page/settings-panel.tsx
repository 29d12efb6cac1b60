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
  const number = (what: string, text: string, most: number, take: (value: number | null) => void) => {
    try {
      take(text.trim() === '' ? null : integerOf(what, text, what === 'the seed' ? 0 : 1, most));
    } catch (error) {
      props.onError((error as Error).message);
    }
  };
  return (
    <section class="panel" aria-labelledby="settings">
      <h2 id="settings">What it is told</h2>
      <p>Each change starts the recovery anew: see what it does to what can be known.</p>
      <div class="fields">
        <label>
          Activation{' '}
          <select
            value={settings.activation}
            onChange={(event) => change({ activation: event.currentTarget.value as ActivationName | 'auto' })}
          >
            {['auto', ...activationNames].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Hidden layers{' '}
          <select
            value={String(settings.depth)}
            onChange={({ currentTarget: { value } }) =>
              change({ depth: value === 'auto' ? value : Number(value) })
            }
          >
            {depths.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Seed{' '}
          <input
            inputMode="numeric"
            size={5}
            value={String(settings.seed)}
            onChange={(event) =>
              number('the seed', event.currentTarget.value, Number.MAX_SAFE_INTEGER, (seed) =>
                change({ seed: seed ?? 0 }),
              )
            }
          />
        </label>
        <label>
          Width of students{' '}
          <input
            inputMode="numeric"
            size={5}
            placeholder="auto"
            value={settings.width === null ? '' : String(settings.width)}
            onChange={(event) =>
              number('the width of students', event.currentTarget.value, 256, (width) => change({ width }))
            }
          />
        </label>
        <label>
          Most queries{' '}
          <input
            inputMode="numeric"
            size={8}
            placeholder="no limit"
            value={settings.budget === null ? '' : String(settings.budget)}
            onChange={(event) =>
              number('the number of queries', event.currentTarget.value, Number.MAX_SAFE_INTEGER, (budget) =>
                change({ budget }),
              )
            }
          />
        </label>
      </div>
    </section>
  );
}
