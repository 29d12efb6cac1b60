# A scikit-learn model, pickled by pickle or joblib, asked for its probabilities or, without them, its predictions.
#   npx eac recover --exec "python3 examples/targets/sklearn_model.py model.joblib" --input-dimension 4 --activation relu
# A pickle runs what its maker put into it: open only your own.
import sys

import joblib
import numpy as np

model = joblib.load(sys.argv[1])
answer = getattr(model, "predict_proba", model.predict)

rest = b""
while chunk := sys.stdin.buffer.read1(1 << 20):
    *lines, rest = (rest + chunk).split(b"\n")
    if lines:
        queries = np.array([[float(word) for word in line.split(b",")] for line in lines])
        for row in np.asarray(answer(queries), float).reshape(len(lines), -1):
            print(*map(repr, row.tolist()), sep=",")
        sys.stdout.flush()
