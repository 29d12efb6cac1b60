# A PyTorch model: TorchScript, or a module that torch.save wrote whole, with the file that defines its class.
#   npx eac recover --exec "python3 examples/targets/pytorch_model.py model.pt" --input-dimension 4 --activation tanh
# A file that torch.save wrote runs what its maker put into it: open only your own.
import sys

import torch

sys.path.insert(0, ".")  # where the class of a module is defined
path, *more = sys.argv[1:]
try:
    model = torch.jit.load(path)
except RuntimeError:
    model = torch.load(path, map_location="cpu", **({"weights_only": False} if torch.__version__ >= "2" else {}))
if isinstance(model, dict):
    sys.exit(
        f"{path} holds weights without a network: write them by safetensors.torch.save_file(state_dict,"
        " 'weights.safetensors') and recover that file with --activation, or save the module itself"
    )
model.eval()
parameter = next(model.parameters(), torch.zeros(1))

rest = b""
while chunk := sys.stdin.buffer.read1(1 << 20):
    *lines, rest = (rest + chunk).split(b"\n")
    if lines:
        queries = [[float(word) for word in line.split(b",")] for line in lines]
        with torch.no_grad():
            answers = model(torch.tensor(queries, dtype=parameter.dtype))
        for row in answers.reshape(len(lines), -1).tolist():
            print(*map(repr, row), sep=",")
        sys.stdout.flush()
