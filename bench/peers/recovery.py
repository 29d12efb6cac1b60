"""Students trained the usual way: all at once in batched tensors, Adam on minibatches, a plateau schedule."""

import math
import time

import torch
from serve import serve

LEARNING_RATE = 1e-3
BATCH = 512
# a student whose epoch loss has not fallen by 1 % for so many epochs goes on with half of its learning rate
PATIENCE = 20
LEAST_RATE = 1e-7

softplus = torch.nn.functional.softplus
activations = {
    'tanh': torch.tanh,
    'sigmoid': torch.sigmoid,
    'relu': torch.relu,
    'softplus': softplus,
    'gelu': torch.nn.functional.gelu,
    'silu': torch.nn.functional.silu,
    'elu': torch.nn.functional.elu,
    'erf': torch.erf,
    'leaky_relu': torch.nn.functional.leaky_relu,
    'g': lambda z: softplus(z) + torch.sigmoid(4 * z),
}


class Students:
    """`count` networks with one hidden layer, trained side by side, each with a learning rate of its own."""

    def __init__(self, count, d, m, o, activation):
        self.activation = activation

        def uniform(width, *shape):
            # as PyTorch starts a linear layer
            return ((2 * torch.rand(*shape) - 1) / math.sqrt(width)).requires_grad_()

        self.parameters = [
            uniform(d, count, d, m),
            uniform(d, count, 1, m),
            uniform(m, count, m, o),
            uniform(m, count, 1, o),
        ]
        self.first = [torch.zeros_like(part) for part in self.parameters]
        self.second = [torch.zeros_like(part) for part in self.parameters]
        self.rates = torch.full((count, 1, 1), LEARNING_RATE)
        self.steps = 0

    def losses(self, x, y):
        w, b, a, c = self.parameters
        hidden = self.activation(torch.matmul(x, w) + b)
        return ((torch.matmul(hidden, a) + c - y) ** 2).mean(dim=(1, 2))

    def step(self, x, y):
        losses = self.losses(x, y)
        slopes = torch.autograd.grad(losses.sum(), self.parameters)
        self.steps += 1
        with torch.no_grad():
            for part, slope, first, second in zip(self.parameters, slopes, self.first, self.second):
                first.mul_(0.9).add_(slope, alpha=0.1)
                second.mul_(0.999).addcmul_(slope, slope, value=0.001)
                root = (second / (1 - 0.999**self.steps)).sqrt_().add_(1e-8)
                part.sub_(self.rates / (1 - 0.9**self.steps) * first / root)
        return losses.detach()


def train(request):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(request['threads'])
    torch.manual_seed(request['seed'])
    x = torch.tensor(request['inputs']).reshape(request['count'], -1)
    y = torch.tensor(request['outputs']).reshape(request['count'], -1)
    students = Students(
        request['students'], x.shape[1], request['hidden'], y.shape[1], activations[request['activation']]
    )
    best = torch.full((request['students'],), math.inf)
    waited = torch.zeros(request['students'])
    start = time.perf_counter()
    epochs = 0
    loss = math.inf
    while loss > request['goal'] and time.perf_counter() - start < request['seconds']:
        order = torch.randperm(len(x))
        for batch in order.split(BATCH):
            students.step(x[batch], y[batch])
            if time.perf_counter() - start > request['seconds']:
                break
        epochs += 1
        with torch.no_grad():
            losses = students.losses(x, y)
        loss = losses.min().item()
        better = losses < 0.99 * best
        best = torch.minimum(best, losses)
        waited = torch.where(better, torch.zeros_like(waited), waited + 1)
        stalled = waited > PATIENCE
        students.rates[stalled] = (students.rates[stalled] / 2).clamp_(min=LEAST_RATE)
        waited[stalled] = 0
    return {'seconds': time.perf_counter() - start, 'loss': best.min().item(), 'epochs': epochs}


serve(f'PyTorch {torch.__version__}', lambda request: (None, train(request)))
