# A TensorFlow Lite model with one input and one output.
#   npx eac recover --exec "python3 examples/targets/tflite_model.py model.tflite" --input-dimension 4 --activation relu
import sys

import numpy as np

try:
    from tflite_runtime.interpreter import Interpreter
except ImportError:
    from tensorflow.lite import Interpreter

interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
(source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()

for line in sys.stdin:
    query = np.array([float(word) for word in line.split(",")], source["dtype"])
    interpreter.set_tensor(source["index"], query.reshape(source["shape"]))
    interpreter.invoke()
    print(*map(repr, interpreter.get_tensor(target["index"]).reshape(-1).astype(float).tolist()), sep=",", flush=True)
