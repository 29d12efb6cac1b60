# A target that is a program: the network of function.mjs, a query a line in, an answer a line out.
#   npx eac recover --exec "python3 examples/targets/program.py" --input-dimension 2 --activation tanh
import sys
from math import tanh

for line in sys.stdin:
    x, y = (float(word) for word in line.split(','))
    print(1.5 * tanh(x + 2 * y) - tanh(2 * x - y + 1) + 0.5 * tanh(y - 0.5) + 0.2, flush=True)
