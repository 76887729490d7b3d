"""The store where workers meet: others on the machine can reach it, and nothing that they put there is run."""

import base64
import os
import pickle
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from torch.distributed import TCPStore
from torch.distributed.elastic.rendezvous import RendezvousParameters
from torch.distributed.elastic.rendezvous.registry import get_rendezvous_handler

from keisei_core.testing.processes import workers_of
from keisei_core.testing.tiny_run import updates_in, wait_until
from keisei_plugins_ddp.meeting import LocalRendezvous

RUN_ID = "keisei-ddp-test"
LOOPBACK_IN_HEX = "0100007F"
LONGER_THAN_IT_IS_KEPT_S = 1.5
"""For a second c10d takes its state from memory."""
OVER_A_KEEP_ALIVE_S = 12
"""Torch's c10d looks at its state every five seconds."""


class Intruder:
    """Loading its pickle makes a folder."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def plant(port: int, run_id: str, mark: Path) -> None:
    """Puts a pickle where torch's c10d keeps its state, as any user of the machine could."""
    store = TCPStore("127.0.0.1", port, is_master=False)
    store.set(f"torch.rendezvous.{run_id}", base64.b64encode(pickle.dumps(Intruder(mark))).decode())


def addresses(port: int) -> set[str]:
    """Returns the addresses, in hexadecimal, at which somebody listens at a port."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = [row[1].rpartition(":") for row in rows if row[3] == "0A"]
    return {address for address, _, number in listening if int(number, 16) == port}


def c10d():
    return get_rendezvous_handler(
        RendezvousParameters(
            backend="c10d", endpoint="127.0.0.1:0", run_id=RUN_ID, min_nodes=1, max_nodes=1, local_addr="127.0.0.1"
        )
    )


def store_of(rendezvous) -> TCPStore:
    """Returns the store that a rendezvous keeps."""
    return rendezvous._store if isinstance(rendezvous, LocalRendezvous) else rendezvous._state_holder._backend._store


def local():
    return LocalRendezvous(RUN_ID, 60)


@pytest.mark.parametrize(("make", "is_loaded"), [(local, False), (c10d, True)], ids=["ours", "control-c10d"])
def test_pickle_in_the_store_is_not_loaded(tmp_path, make, is_loaded):
    rendezvous, mark = make(), tmp_path / "mark"
    rendezvous.next_rendezvous()

    plant(store_of(rendezvous).port, RUN_ID, mark)
    time.sleep(LONGER_THAN_IT_IS_KEPT_S)
    with suppress(AttributeError):  # what c10d has loaded is no state, and ours has no heartbeats
        rendezvous.num_nodes_waiting()
    with suppress(AttributeError):
        rendezvous._stop_heartbeats()

    assert mark.exists() == is_loaded


def test_store_listens_on_the_loopback_interface_alone_at_a_port_of_its_own():
    first, second = local(), local()
    ports = [rendezvous.next_rendezvous().bootstrap_store_info.master_port for rendezvous in (first, second)]

    assert len(set(ports)) == 2
    assert [addresses(port) for port in ports] == [{LOOPBACK_IN_HEX}] * 2


def test_store_is_the_same_when_workers_are_started_again():
    rendezvous = local()
    first = rendezvous.next_rendezvous()
    first.store.set("key", "value")
    again = rendezvous.next_rendezvous()

    assert again.bootstrap_store_info == first.bootstrap_store_info
    assert again.store.get("key") == b"value"


@pytest.mark.distributed
def test_run_goes_on_where_a_pickle_was_put_into_its_store(group, config, tmp_path):
    process = group.keisei("run", config(1_000_000), "--run-dir", "r", cwd=tmp_path)
    wait_until(lambda: updates_in(tmp_path / "r") >= 3 or process.poll() is not None)
    variables = Path(f"/proc/{workers_of(process.pid)[0]}/environ").read_bytes().decode().split("\0")
    environment = dict(variable.partition("=")[::2] for variable in variables)
    port, run_id = int(environment["MASTER_PORT"]), Path(environment["KEISEI_OUTCOMES"]).name

    assert addresses(port) == {LOOPBACK_IN_HEX}
    plant(port, run_id, tmp_path / "mark")
    before = updates_in(tmp_path / "r")
    time.sleep(OVER_A_KEEP_ALIVE_S)

    assert not (tmp_path / "mark").exists()
    assert updates_in(tmp_path / "r") > before
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 75
