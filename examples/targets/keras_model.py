# A Keras or TensorFlow model (.keras, .h5, a SavedModel's folder), in one call for many queries.
#   npx eac recover --exec "python3 examples/targets/keras_model.py model.keras" --input-dimension 4 --activation relu
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np


def open_model(path):
    if os.path.isdir(path):  # Keras 3 does not open a SavedModel, TensorFlow does
        import tensorflow as tf

        signature = tf.saved_model.load(path).signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]
        kind = signature.structured_input_signature[1][name].dtype
        return lambda queries: next(iter(signature(**{name: tf.constant(queries, kind)}).values())).numpy()
    import keras

    return keras.models.load_model(path, compile=False).predict_on_batch


answer = open_model(sys.argv[1])

rest = b""
while chunk := sys.stdin.buffer.read1(1 << 20):
    *lines, rest = (rest + chunk).split(b"\n")
    if lines:
        queries = np.array([[float(word) for word in line.split(b",")] for line in lines])
        for row in np.asarray(answer(queries), float).reshape(len(lines), -1):
            print(*map(repr, row.tolist()), sep=",")
        sys.stdout.flush()
