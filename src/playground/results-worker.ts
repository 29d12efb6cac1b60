import type { FromResults, ToResults } from './protocol.js';
import { compareWithTruth, finishRun } from './results.js';
import { playgroundVersion } from './version.generated.js';

const scope = self as unknown as {
  postMessage(message: FromResults): void;
  onmessage: (event: { readonly data: ToResults }) => void;
};

scope.onmessage = ({ data }) => {
  try {
    scope.postMessage(
      data.kind === 'finish' ? finishRun(data, playgroundVersion) : compareWithTruth(data.source, data.found),
    );
  } catch (error) {
    scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};
