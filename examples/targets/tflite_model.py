# A TensorFlow Lite model with one input and one output; integers are told by their scale and zero.
#   npx eac recover --exec "python3 examples/targets/tflite_model.py model.tflite" --input-dimension 4 --activation relu
import sys

import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    try:
        from tflite_runtime.interpreter import Interpreter
    except ImportError:
        import tensorflow as tf

        Interpreter = tf.lite.Interpreter

interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
(source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()


def quantised(values, details):
    kind, (scale, zero) = details["dtype"], details.get("quantization", (0, 0))
    if np.issubdtype(kind, np.floating) or not scale:
        return np.asarray(values, kind)
    limits = np.iinfo(kind)
    return np.clip(np.round(np.asarray(values) / scale + zero), limits.min, limits.max).astype(kind)


def plain(values, details):
    scale, zero = details.get("quantization", (0, 0))
    return scale * (values.astype(float) - zero) if scale else values.astype(float)


for line in sys.stdin:
    query = quantised([float(word) for word in line.split(",")], source)
    interpreter.set_tensor(source["index"], query.reshape(source["shape"]))
    interpreter.invoke()
    answer = plain(interpreter.get_tensor(target["index"]).reshape(-1), target)
    print(*map(repr, answer.tolist()), sep=",", flush=True)
