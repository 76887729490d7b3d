"""The parts that need no group of processes: places, interfaces, signs of life, options, ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from types import SimpleNamespace

import attrs
import pytest
import torch
from torch.distributed import HashStore
from torch.distributed.elastic.agent.server.api import WorkerSpec
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent

from keisei_core.errors import ConfigError, DistributionError
from keisei_core.launching import FOLDER, Restarts
from keisei_core.launching.place import Place
from keisei_core.plugins import read_settings
from keisei_plugins_ddp import backend, interface, joining, launching, pulse
from keisei_plugins_ddp.agent import Agent, exit_code_of
from keisei_plugins_ddp.joining import Member, open_store, share_gpus
from keisei_plugins_ddp.meeting import LocalRendezvous
from keisei_plugins_ddp.options import DDPOptions

BY_HAND = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}


def test_route_to_an_address_gives_interface_and_own_address(monkeypatch):
    monkeypatch.setenv(interface.VARIABLE, "what monkeypatch puts back")
    del os.environ[interface.VARIABLE]

    assert interface.use_interface_towards("127.0.0.1") == "127.0.0.1"
    assert os.environ[interface.VARIABLE] == "lo"


def test_interface_that_the_user_named_is_kept(monkeypatch):
    monkeypatch.setenv(interface.VARIABLE, "lo")

    interface.use_interface_towards("localhost")

    assert os.environ[interface.VARIABLE] == "lo"


def test_interface_of_an_address_of_nobody_is_not_known():
    assert interface.interface_of("192.0.2.1") is None


def test_address_that_means_nothing_is_told():
    with pytest.raises(DistributionError, match="MASTER_ADDR 'no such host' can't be reached from here"):
        interface.own_address_towards("no such host")


class Ends(list):
    """Remembers what a pulse ended for, and when."""

    def __init__(self):
        super().__init__()
        self.came = threading.Event()

    def __call__(self, ranks, what):
        self.append((list(ranks), what))
        self.came.set()


def test_pulse_ends_for_the_silent_rank_alone():
    store, ends = HashStore(), Ends()
    watcher = pulse.Pulse(store, 0, 3, 1.2, ends)
    talker = pulse.Pulse(store, 1, 3, 60, Ends())
    talker.interval_s = 0.05

    assert ends.came.wait(10)
    watcher.stop()
    talker.stop()
    assert ends == [([2], "gave no sign of life for 1.2 s")]


def test_rank_that_listens_to_rank_0_alone_ends_on_its_word_for_who_fell_silent():
    store, first, second = HashStore(), Ends(), Ends()
    pulses = [pulse.Pulse(store, rank, 3, 1.2, ends) for rank, ends in enumerate((first, second))]

    assert second.came.wait(20)

    assert list(pulses[1].heard) == [0]
    assert first.came.wait(20)
    assert first == second == [([2], "gave no sign of life for 1.2 s")]


def test_pulse_of_two_that_live_ends_nothing():
    store, ends = HashStore(), Ends()
    pulses = [pulse.Pulse(store, rank, 2, 0.6, ends) for rank in (0, 1)]

    assert not ends.came.wait(2)
    for each in pulses:
        each.stop()


def test_pulse_that_fails_says_so():
    store = HashStore()
    watcher, failing = (pulse.Pulse(store, rank, 2, 6, Ends()) for rank in (0, 1))

    failing.stop(failed=True)

    deadline = time.monotonic() + 10
    while watcher.gone() != [1] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert watcher.gone() == [1]
    watcher.stop()


class Late(HashStore):
    """Lets a beat on its way wait until the goodbye was said."""

    def __init__(self):
        super().__init__()
        self.said = threading.Event()

    def set(self, key, value):
        if value == pulse.GONE:
            super().set(key, value)
            self.said.set()
        elif self.said.wait(5):
            super().set(key, value)


def test_last_beat_does_not_take_the_place_of_the_goodbye():
    store = Late()
    failing = pulse.Pulse(store, 1, 2, 6, Ends())

    failing.stop(failed=True)

    failing.join()
    assert not any(thread.is_alive() for thread in failing.threads)
    assert store.get("pulse/1") == pulse.GONE.encode()


class Slow(HashStore):
    """Takes its time for every sign."""

    def set(self, key, value):
        time.sleep(0.2)
        super().set(key, value)


@pytest.fixture
def leaving():
    """A process that is about to leave its group, whose signs of life are on their way."""
    leaving = backend.DDP.__new__(backend.DDP)
    leaving.pulse = pulse.Pulse(Slow(), 0, 2, 6, Ends())
    yield leaving
    assert not any(thread.is_alive() for thread in leaving.pulse.threads)
    assert leaving.pulse.store.get("pulse/0") == pulse.GONE.encode()


def test_process_that_an_error_ends_has_no_thread_left_in_the_store(leaving):
    with pytest.raises(ValueError, match="on purpose"), closing(leaving):
        raise ValueError("on purpose")


def test_process_that_loses_another_while_it_leaves_has_no_thread_left_in_the_store(leaving, monkeypatch):
    def lose():
        raise DistributionError("lost the store")

    monkeypatch.setattr(leaving, "barrier", lose)

    with pytest.raises(DistributionError, match="lost the store"):
        leaving.close()


def test_pulse_of_one_that_failed_ends_those_that_still_wait_for_it(monkeypatch):
    monkeypatch.setattr(pulse, "AFTERMATH_S", 0.2)
    store, ends = HashStore(), Ends()
    watcher, failing = pulse.Pulse(store, 0, 2, 3, ends), pulse.Pulse(store, 1, 2, 3, Ends())

    failing.stop(failed=True)

    assert ends.came.wait(2)
    assert ends == [([1], "failed")]
    watcher.stop()


def test_nccl_on_the_cpu_is_refused_with_the_key():
    with pytest.raises(ConfigError, match=re.escape("[distribution] backend: nccl carries tensors between GPUs")):
        backend.group_backend("nccl", torch.device("cpu"))


def test_auto_takes_gloo_on_the_cpu():
    assert backend.group_backend("auto", torch.device("cpu")) == "gloo"


@pytest.mark.parametrize(("num_gpus", "owns"), [(1, [0, 0, 0, 0]), (2, [0, 1, 0, 1]), (4, [0, 1, 2, 3])])
def test_processes_share_the_gpus_there_are(monkeypatch, num_gpus, owns):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: num_gpus)
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)
    places = [Place.from_environment(BY_HAND | {"LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": "4"}) for rank in range(4)]

    assert [backend.own_device(torch.device("cuda"), place).index for place in places] == owns


@pytest.mark.parametrize(
    ("gpus", "shares"),
    [
        pytest.param(["GPU-a", "GPU-b", "GPU-c"], False, id="one-each-and-each-sees-its-own"),
        pytest.param(["GPU-a", "GPU-b", "GPU-a"], True, id="two-on-one"),
        pytest.param(["", "", ""], False, id="on-the-cpu"),
    ],
)
def test_processes_on_one_gpu_are_known_by_its_name_and_not_by_how_many_each_sees(gpus, shares):
    assert share_gpus([Member.here("10.0.0.1", gpu) for gpu in gpus]) == shares


def test_gpu_is_called_by_its_uuid(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid=f"GPU-{device.index}"))

    assert backend.name_of_gpu(torch.device("cuda", 3)) == "GPU-3"
    assert backend.name_of_gpu(torch.device("cpu")) == ""


def test_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)

    with pytest.raises(ConfigError, match="torch sees no GPU here; write cpu or auto"):
        backend.own_device(torch.device("cuda"), Place.from_environment(BY_HAND))


def place_of_rank_0(address, port, local_world_size):
    variables = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": address, "MASTER_PORT": str(port)}
    return Place.from_environment(variables | {"LOCAL_WORLD_SIZE": str(local_world_size)})


@pytest.mark.parametrize(("local_world_size", "is_open"), [(2, False), (1, True)])
def test_store_listens_beyond_its_address_only_where_other_machines_need_it(free_port, local_world_size, is_open):
    kept = open_store(place_of_rank_0("127.0.0.1", free_port, local_world_size), 5)
    with socket.socket() as other:
        found = other.connect_ex(("127.0.0.2", free_port))

    assert (found == 0) == is_open
    kept.set("key", "value")
    assert open_store(attrs.evolve(place_of_rank_0("127.0.0.1", free_port, 2), rank=1), 5).get("key") == b"value"


def test_store_listens_everywhere_where_its_address_is_of_no_interface_here(monkeypatch, free_port):
    """An address for documentation (RFC 5737) stands for that of a service, which leads here."""
    made = []
    monkeypatch.setattr(joining, "TCPStore", lambda *_, **options: made.append(options) or HashStore())

    open_store(place_of_rank_0("192.0.2.1", free_port, 2), 5)

    assert [options["master_listen_fd"] for options in made] == [None]


def test_port_in_use_on_one_machine_is_told(free_port):
    said = f"can't listen at 127.0.0.1:{free_port}: the port is in use"
    with socket.create_server(("127.0.0.1", free_port)), pytest.raises(DistributionError, match=said):
        open_store(place_of_rank_0("127.0.0.1", free_port, 2), 5)


def test_shared_gpus_are_left_to_gloo(monkeypatch):
    monkeypatch.setattr(torch.distributed, "is_nccl_available", lambda: True)
    gpu = torch.device("cuda", 0)

    assert backend.group_backend("auto", gpu) == "cpu:gloo,cuda:nccl"
    assert backend.group_backend("auto", gpu, shares_gpu=True) == "gloo"
    with pytest.raises(ConfigError, match=r"nccl needs a GPU for each process.*write gloo or auto"):
        backend.group_backend("nccl", gpu, shares_gpu=True)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("processes", -1, r"\[distribution\] processes must be at least 0, got -1"),
        ("backend", "mpi", r"\[distribution\] backend must be one of auto, gloo, nccl, got 'mpi'"),
        ("timeout_s", 0, r"\[distribution\] timeout_s must be greater than 0, got 0"),
        ("join_timeout_s", 1e9, r"\[distribution\] join_timeout_s must be at most 86400"),
        ("max_restart", 1, r"unknown key 'max_restart'; did you mean 'max_restarts'\?"),
    ],
)
def test_wrong_option_is_told_with_its_key(key, value, complaint):
    with pytest.raises(ConfigError, match=complaint):
        read_settings(None, [("distribution.name", "ddp"), (f"distribution.{key}", value)])


def test_exit_code_of_a_child_is_read_without_reaping_it():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert exit_code_of(child.pid) is None

    child.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 10
    while exit_code_of(child.pid) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert exit_code_of(child.pid) == -9
    assert child.wait() == -9


def test_stop_that_comes_while_workers_are_started_reaches_them(monkeypatch, tmp_path):
    start = LocalElasticAgent._start_workers

    def start_signalled(agent, group):
        pids = start(agent, group)
        os.kill(os.getpid(), signal.SIGTERM)
        return pids

    monkeypatch.setattr(LocalElasticAgent, "_start_workers", start_signalled)
    monkeypatch.setenv("TORCHELASTIC_SIGNALS_TO_HANDLE", "what monkeypatch puts back")
    spec = WorkerSpec(
        role="test",
        local_world_size=1,
        entrypoint=sys.executable,
        args=("-c", "import time; time.sleep(30)"),
        rdzv_handler=LocalRendezvous("test", 60),
        max_restarts=0,
        monitor_interval=0.02,
        local_addr="127.0.0.1",
    )
    agent = Agent(spec, tmp_path, Restarts(1, 0, lambda rank, attempt: None))

    with agent.asking_to_save():
        agent.run()

    assert agent.restarts.ends == {0: -signal.SIGTERM}
    assert agent.restarts.exit_code() == 128 + signal.SIGTERM


def test_workers_that_can_not_be_started_leave_no_folder_in_the_environment(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError("too many open files")

    monkeypatch.setattr(launching, "Agent", refuse)

    with pytest.raises(OSError, match="too many open files"):
        launching.start_workers(tmp_path, DDPOptions(processes=2))

    assert FOLDER not in os.environ


def test_declaring_the_backend_loads_no_torch():
    code = "import sys, keisei_plugins_ddp.hooks, keisei_plugins_ddp.options; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_options_have_the_defaults_of_the_readme():
    options = DDPOptions()
    assert (options.processes, options.timeout_s, options.join_timeout_s, options.max_restarts) == (0, 180, 60, 0)
