"""A device that works as late as it may: nothing is done before somebody waits for it."""

from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

from keisei_core.evaluate import DeviceQueue


class LatePlace:
    """A place in the queue of a late device."""

    def __init__(self, queue: "LateQueue") -> None:
        self.queue, self.number = queue, queue.num_asked

    def synchronize(self) -> None:
        self.queue.work_up_to(self.number)


class LateAnswer:
    """What a late device will find."""

    def __init__(self, queue: "LateQueue", work: Callable[[], Tensor]) -> None:
        self.queue, self.work = queue, work
        self.place = LatePlace(queue)

    def do(self) -> None:
        with torch.inference_mode():
            self.found = self.work().clone()

    def collect(self):
        self.place.synchronize()
        return self.found.numpy()


class LateQueue(DeviceQueue):
    """Stands in for a GPU's queue: reads inputs, and draws, when it comes to the work and not when it is asked."""

    def __init__(self) -> None:
        super().__init__(torch.device("cpu"))
        self.waiting: deque[LateAnswer] = deque()
        self.num_asked = self.num_done = 0

    def run(self, work):
        self.work_up_to(self.num_asked)
        return work()

    def launch(self, work):
        self.num_asked += 1
        self.waiting.append(LateAnswer(self, work))
        return self.waiting[-1]

    def mark(self):
        return LatePlace(self)

    def work_up_to(self, number: int) -> None:
        while self.num_done < number:
            self.waiting.popleft().do()
            self.num_done += 1
