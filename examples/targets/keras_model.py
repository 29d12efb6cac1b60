# A Keras or TensorFlow model (.keras, .h5, a SavedModel's folder), in one call for many queries.
#   npx eac recover --exec "python3 examples/targets/keras_model.py model.keras" --input-dimension 4 --activation relu
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

model = keras.models.load_model(sys.argv[1], compile=False)

rest = b""
while chunk := sys.stdin.buffer.read1(1 << 20):
    *lines, rest = (rest + chunk).split(b"\n")
    if lines:
        queries = np.array([[float(word) for word in line.split(b",")] for line in lines])
        for row in np.asarray(model.predict_on_batch(queries), float).reshape(len(lines), -1):
            print(*map(repr, row.tolist()), sep=",")
        sys.stdout.flush()
