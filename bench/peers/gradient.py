"""Loss and gradient of a network with one hidden layer of softplus neurons, by PyTorch's automatic differentiation."""

import math

import torch
from serve import serve, spread

torch.set_num_threads(1)


def prepare(request):
    d, m, o, n = (request[key] for key in ('inputs', 'hidden', 'outputs', 'count'))
    kind = getattr(torch, request['precision'])

    def tensor(values, *shape):
        return torch.from_numpy(values).to(kind).reshape(shape)

    x = tensor(spread(n * d, 2), n, d)
    y = tensor(spread(n * o, 3), n, o)
    theta = spread(m * (d + 1) + o * (m + 1), 1)
    theta[: m * (d + 1)] *= 4 / math.sqrt(d + 1)
    theta = tensor(theta, -1)
    incoming = theta[: m * (d + 1)].reshape(m, d + 1)
    outgoing = theta[m * (d + 1) :].reshape(o, m + 1)
    # PyTorch's own layout of a linear layer
    parameters = [incoming[:, :d], incoming[:, d], outgoing[:, :m], outgoing[:, m]]
    parameters = [part.contiguous().requires_grad_() for part in parameters]
    w, b, a, c = parameters

    def loss():
        hidden = torch.nn.functional.softplus(torch.nn.functional.linear(x, w, b))
        return torch.nn.functional.mse_loss(torch.nn.functional.linear(hidden, a, c), y)

    def run():
        torch.autograd.grad(loss(), parameters)

    return run, {'loss': loss().item()}


serve(f'PyTorch {torch.__version__}', prepare)
