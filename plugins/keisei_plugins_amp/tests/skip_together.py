"""One of two processes: takes a step whose gradient overflows on the last rank only, then a good one."""

import json
import sys

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from keisei_plugins_amp.fp16 import Fp16
from keisei_plugins_amp.options import LossScaleOptions


def main() -> None:
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    network = torch.nn.Linear(4, 1)
    wrapped = DistributedDataParallel(network)
    policy = Fp16(torch.device("cpu"), LossScaleOptions(initial_scale=1024.0))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    seen = []
    for factor in (float("inf") if dist.get_rank() == 1 else 1.0, 1.0):
        with policy.autocast():
            outputs = wrapped(torch.full((2, 4), 1.0 + dist.get_rank()))
        norm = policy.step(outputs.float().sum() * factor, optimizer, 1.0)
        weights = torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).tolist()
        seen.append({"norm": str(norm), "scale": policy.state_dict()["scale"], "weights": weights})
    print(json.dumps(seen))
    dist.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main())
