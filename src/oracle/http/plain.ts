import { InputError } from '../../base/errors.js';
import { field, parseJson, readRows } from './json.js';
import { type Connection, type Protocol, rowsOf } from './protocol.js';

/** `{"inputs": [[…], …]}` is answered by `{"outputs": [[…], …]}`; nothing tells the number of inputs. */
export function plainProtocol({ url, inputDimension }: Connection): Protocol {
  if (inputDimension === undefined) {
    throw new InputError(
      `${url.origin}${url.pathname} does not tell how many inputs there are, expected --input-dimension`,
    );
  }
  return {
    description: 'JSON inputs and outputs',
    inputDimension,
    encode: (inputs, count) => ({
      url: url.href,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: rowsOf(inputs, count) }),
    }),
    decode(reply, count) {
      const outputs = field(parseJson(reply.bytes), 'outputs');
      if (outputs === undefined)
        throw new InputError(`answered no field 'outputs', expected {"outputs": [[…], …]}`);
      return readRows(outputs, count, 'outputs');
    },
  };
}
