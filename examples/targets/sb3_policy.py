# A policy of Stable-Baselines3: what its network answers to an observation, before actions are clipped or drawn.
#   npx eac recover --exec "python3 examples/targets/sb3_policy.py PPO policy.zip" --input-dimension 4 --activation tanh
# The first word is the algorithm. Gymnasium's observations are the queries, without the environment.
import sys

import stable_baselines3
import torch

algorithm, path = sys.argv[1:3]
model = getattr(stable_baselines3, algorithm).load(path, device="cpu")
policy = model.policy.eval()


def answer(observations):
    if hasattr(policy, "q_net"):  # DQN: the values of the actions
        return policy.q_net(observations)
    if hasattr(policy, "get_distribution"):  # PPO, A2C: the logits, or the mean of the action
        inner = policy.get_distribution(observations).distribution
        return inner.logits if hasattr(inner, "logits") else inner.mean
    return policy.actor(observations)  # DDPG, TD3, SAC: the action between -1 and 1


rest = b""
while chunk := sys.stdin.buffer.read1(1 << 20):
    *lines, rest = (rest + chunk).split(b"\n")
    if lines:
        queries = torch.tensor([[float(word) for word in line.split(b",")] for line in lines])
        with torch.no_grad():
            answers = answer(queries)
        for row in answers.reshape(len(lines), -1).tolist():
            print(*map(repr, row), sep=",")
        sys.stdout.flush()
