"""Writes onnx-examples.json and onnx-operators.json: outputs of ONNX graphs by NumPy and SciPy in float64.

Run with Python 3, onnx, NumPy and SciPy from the repository's root: python3 test/golden/onnx-golden.py
"""
import base64
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from scipy import special

FOLDER = pathlib.Path(__file__).parent
EXAMPLES = FOLDER.parent.parent / "examples"


def attributes_of(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def gemm(a, b, c=0.0, alpha=1.0, beta=1.0, transA=0, transB=0):
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


FUNCTIONS = {
    "Gemm": gemm,
    "Add": np.add,
    "Mul": np.multiply,
    "Div": np.divide,
    "Relu": lambda x: np.maximum(x, 0),
    "LeakyRelu": lambda x, alpha: np.where(x < 0, alpha * x, x),
    "Elu": lambda x, alpha: np.where(x < 0, alpha * np.expm1(x), x),
    "Sigmoid": special.expit,
    "Tanh": np.tanh,
    "Softplus": lambda x: np.logaddexp(0, x),
    "Erf": special.erf,
}


def evaluate(graph, x):
    """The graph's output for inputs x (count, d), by the operators' definitions."""
    values = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in graph.initializer}
    values[graph.input[0].name] = x
    for node in graph.node:
        if node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(attributes_of(node)["value"]).astype(np.float64)
        else:
            operands = [values[name] for name in node.input]
            values[node.output[0]] = FUNCTIONS[node.op_type](*operands, **attributes_of(node))
    return values[graph.output[0].name]


def write_examples():
    random = np.random.default_rng(7)
    cases = []
    for path in sorted(EXAMPLES.glob("*.onnx")):
        graph = onnx.load(path).graph
        d = graph.input[0].type.tensor_type.shape.dim[1].dim_value
        x = random.standard_normal((6, d)) * np.array([1, 1, 1, 1, 5, 25])[:, None]
        cases.append({"file": path.name, "inputs": x.tolist(), "outputs": evaluate(graph, x).tolist()})
    (FOLDER / "onnx-examples.json").write_text(json.dumps(cases) + "\n")


def model_of(nodes, constants, width, opset):
    """A model with a float64 input x (batch, width), an output y of unknown width, and constants by name."""
    graph = helper.make_graph(
        nodes,
        "case",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["batch", *width])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write_operators():
    random = np.random.default_rng(11)
    x = random.standard_normal((4, 3)) * 2
    positive = np.abs(x) + 0.1
    c = random.standard_normal(3)
    w = random.standard_normal((3, 5))
    row = random.standard_normal((1, 5))
    image = random.standard_normal((4, 2, 1, 3))
    cases = []

    def case(name, expected, op, inputs=("x",), data=x, constants=None, opset=17, before=(), **attributes):
        nodes = [*before, helper.make_node(op, list(inputs), ["y"], name="node", **attributes)]
        model = model_of(nodes, constants or {}, data.shape[1:], opset)
        cases.append(
            {
                "name": name,
                "model": base64.b64encode(model.SerializeToString()).decode(),
                "inputs": data.reshape(len(data), -1).tolist(),
                "outputs": np.asarray(expected).reshape(len(data), -1).tolist(),
            }
        )

    for name, f in {
        "Neg": np.negative, "Abs": np.abs, "Sign": np.sign, "Exp": np.exp, "Reciprocal": np.reciprocal,
        "Sin": np.sin, "Cos": np.cos, "Atan": np.arctan, "Erf": special.erf, "Tanh": np.tanh,
        "Sigmoid": special.expit, "Softplus": lambda v: np.logaddexp(0, v), "Identity": lambda v: v,
        "Softsign": lambda v: v / (1 + np.abs(v)), "Relu": lambda v: np.maximum(v, 0),
        "Mish": lambda v: v * np.tanh(np.logaddexp(0, v)),
        "Elu": lambda v: np.where(v < 0, np.expm1(v), v),
        "LeakyRelu": lambda v: np.where(v < 0, np.float64(np.float32(0.01)) * v, v),
    }.items():
        case(name, f(x), name)
    case("Log", np.log(positive), "Log", data=positive)
    case("Sqrt", np.sqrt(positive), "Sqrt", data=positive)
    quarter = 0.25  # exact in float32, as attributes are
    case("LeakyRelu with alpha", np.where(x < 0, quarter * x, x), "LeakyRelu", alpha=quarter)
    case("Elu with alpha", np.where(x < 0, quarter * np.expm1(x), x), "Elu", alpha=quarter)
    case("Celu with alpha", np.where(x < 0, quarter * np.expm1(x / quarter), x), "Celu", alpha=quarter)
    case("Selu with parameters", 2 * np.where(x < 0, quarter * np.expm1(x), x), "Selu", alpha=quarter, gamma=2.0)
    case("HardSigmoid with parameters", np.clip(quarter * x + 0.75, 0, 1), "HardSigmoid", alpha=quarter, beta=0.75)
    case("HardSwish", x * np.clip(x / 6 + 0.5, 0, 1), "HardSwish")
    case("Swish with alpha", x * special.expit(quarter * x), "Swish", opset=24, alpha=quarter)
    case("Gelu", x * special.ndtr(x), "Gelu", opset=20)
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    case("Gelu by tanh", 0.5 * x * (1 + np.tanh(inner)), "Gelu", opset=20, approximate="tanh")

    for name, f in {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}.items():
        case(f"{name} of a vector", f(x, c), name, ("x", "c"), constants={"c": c})
        case(f"{name} from a scalar", f(2.5, x), name, ("c", "x"), constants={"c": 2.5})
        case(f"{name} of two rows", f(x, np.exp(x)), name, ("x", "e"), before=[helper.make_node("Exp", ["x"], ["e"])])
    case("Pow", positive**1.5, "Pow", ("x", "c"), data=positive, constants={"c": 1.5})
    case("Pow of a negative", x**3.0, "Pow", ("x", "c"), constants={"c": 3.0})
    case("PRelu", np.where(x < 0, c * x, x), "PRelu", ("x", "c"), constants={"c": c})
    case("Max", np.maximum(np.maximum(x, c), 0.5), "Max", ("x", "c", "s"), constants={"c": c, "s": 0.5})
    case("Min of one", x, "Min")
    case("Min", np.minimum(x, c), "Min", ("x", "c"), constants={"c": c})
    case("Sum", x + c + x, "Sum", ("x", "c", "x"), constants={"c": c})
    case("Add of a column", x[:, :1] + c, "Add", ("f", "c"), constants={"c": c, "w": np.eye(3)[:, :1]},
         before=[helper.make_node("MatMul", ["x", "w"], ["f"])])
    case("Clip", np.clip(x, -0.5, 1.5), "Clip", ("x", "l", "h"), constants={"l": -0.5, "h": 1.5})
    case("Clip above", np.minimum(x, 1.5), "Clip", ("x", "", "h"), constants={"h": 1.5})
    case("Clip by attributes", np.clip(x, -0.5, 1.5), "Clip", opset=7, min=-0.5, max=1.5)
    case("Cast", x.astype(np.float32).astype(np.float64), "Cast", to=TensorProto.FLOAT)
    case("Dropout", x, "Dropout", ("x", "r", "t"), constants={"r": np.float32(0.5), "t": False})

    case("MatMul", x @ w, "MatMul", ("x", "w"), constants={"w": w})
    case("MatMul with a vector", x @ c, "MatMul", ("x", "c"), constants={"c": c})
    case("MatMul in float32", x @ w.astype(np.float32).astype(np.float64), "MatMul", ("x", "w"),
         constants={"w": w.astype(np.float32)})
    case("MatMul with a product", x @ (w @ np.diag(row[0])), "MatMul", ("x", "p"),
         constants={"w": w, "d": np.diag(row[0])}, before=[helper.make_node("MatMul", ["w", "d"], ["p"])])
    case("Gemm", x @ w, "Gemm", ("x", "w"), constants={"w": w})
    case("Gemm with all", 0.5 * x @ w + 0.25 * row, "Gemm", ("x", "w", "c"),
         constants={"w": w.T.copy(), "c": row}, alpha=0.5, beta=0.25, transB=1)
    case("Gemm with a scalar", x @ w + 3.0, "Gemm", ("x", "w", "c"), constants={"w": w, "c": 3.0})
    case("Gemm of constants", x + (2 * w @ np.ones((5, 1)))[:, 0], "Add",
         ("x", "s"), constants={"w": w.T.copy(), "o": np.ones((5, 1)), "axes": np.array([1])},
         before=[helper.make_node("Gemm", ["w", "o"], ["v"], alpha=2.0, transA=1),
                 helper.make_node("Squeeze", ["v", "axes"], ["s"])])
    case("Transpose of weights", x @ w, "MatMul", ("x", "t"), constants={"w": w.T.copy()},
         before=[helper.make_node("Transpose", ["w"], ["t"], perm=[1, 0])])

    flat = image.reshape(4, 6)
    case("Flatten", flat, "Flatten", data=image)
    case("Reshape", flat, "Reshape", ("x", "s"), data=image, constants={"s": np.array([-1, 6])})
    case("Reshape with 0", flat, "Reshape", ("x", "s"), data=image, constants={"s": np.array([0, -1])})
    case("Reshape then Squeeze", x[:, 0], "Squeeze", ("f", "a"), constants={"a": np.array([-1]), "w": np.eye(3)[:, :1]},
         before=[helper.make_node("MatMul", ["x", "w"], ["f"])])
    case("Squeeze by attribute", image[:, :, 0] * 2, "Add", ("s", "s"), data=image, opset=11,
         before=[helper.make_node("Squeeze", ["x"], ["s"], axes=[2])])
    sizes = [
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "first"], ["rows"]),
        helper.make_node("Unsqueeze", ["rows", "axes"], ["list"]),
        helper.make_node("Concat", ["list", "rest"], ["shape"], axis=0),
    ]
    case("Reshape to the size of the batch", flat, "Reshape", ("x", "shape"), data=image, before=sizes,
         constants={"first": np.array(0), "axes": np.array([0]), "rest": np.array([-1])})
    case("Shape of a part", image.reshape(4, 2, 3), "Reshape", ("x", "shape"), data=image,
         constants={"rest": np.array([2, 3])}, before=[
             helper.make_node("Shape", ["x"], ["list"], end=1),
             helper.make_node("Concat", ["list", "rest"], ["shape"], axis=0)])
    mean, variance = random.standard_normal(3), random.random(3) + 0.1
    case("BatchNormalization", (x - mean) / np.sqrt(variance + 0.125) * c + positive[0], "BatchNormalization",
         ("x", "s", "b", "m", "v"), constants={"s": c, "b": positive[0], "m": mean, "v": variance}, epsilon=0.125)
    case("Unsqueeze", x, "Unsqueeze", ("x", "a"), constants={"a": np.array([1])})
    case("broadcast in an image", image * c[:2].reshape(2, 1, 1), "Mul", ("x", "c"), data=image,
         constants={"c": c[:2].reshape(2, 1, 1)})
    case("Constant of floats", x * np.array([1.0, 2.0, 4.0]), "Mul", ("x", "k"),
         before=[helper.make_node("Constant", [], ["k"], value_floats=[1.0, 2.0, 4.0])])
    case("Constant of an integer", x + 3, "Add", ("x", "k"),
         before=[helper.make_node("Constant", [], ["k"], value_int=3)])
    (FOLDER / "onnx-operators.json").write_text(json.dumps(cases) + "\n")


write_examples()
write_operators()
