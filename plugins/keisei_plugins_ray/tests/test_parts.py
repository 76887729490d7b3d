"""The parts that need no cluster: options, demand, places, news, the environment of Ray, ends."""

import os
import signal
import socket
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from keisei_core.errors import ConfigError, DistributionError, PluginError
from keisei_core.launching import Job, Restarts, forwarding
from keisei_core.plugins import read_settings
from keisei_plugins_ray import cluster as clusters
from keisei_plugins_ray import head as heads
from keisei_plugins_ray import launching
from keisei_plugins_ray.demand import Demand
from keisei_plugins_ray.news import News
from keisei_plugins_ray.options import RayOptions
from keisei_plugins_ray.signals import Signals
from keisei_plugins_ray.whereabouts import Whereabouts, places_of, ranked, tell_of_niceness

NICENESS = "RAY_worker_niceness"
MACHINE = {"CPU": 8.0, "GPU": 2.0, "memory": 1e9}


def job(device="cpu", threads=0, **options):
    return Job(work=print, options=RayOptions(**options), device=device, threads=threads)


def seat(node, port=1, niceness=0, sees_folder=True):
    return Whereabouts(node=node, address=f"10.0.0.{node}", port=port, niceness=niceness, sees_folder=sees_folder)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("strategy", "NEAR", r"\[distribution\] strategy must be one of PACK, SPREAD, STRICT_PACK, STRICT_SPREAD, got"),
        ("gpus", 0, r"\[distribution\] gpus must be greater than 0, got 0"),
        ("gpus", 2, r"\[distribution\] gpus must be at most 1, got 2"),
        ("place_timeout_s", 0, r"\[distribution\] place_timeout_s must be greater than 0"),
        ("adress", "auto", r"unknown key 'adress'; did you mean 'address'\?"),
        ("backend", "mpi", r"\[distribution\] backend must be one of auto, gloo, nccl, got 'mpi'"),
    ],
)
def test_wrong_option_is_told_with_its_key(key, value, complaint):
    with pytest.raises(ConfigError, match=complaint):
        read_settings(None, [("distribution.name", "ray"), (f"distribution.{key}", value)])


def test_options_have_the_defaults_of_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()

    written = tomllib.loads(readme.partition("```toml\n")[2].partition("```")[0])["distribution"]

    assert written == {"name": "ray"} | attrs.asdict(RayOptions())


@pytest.mark.parametrize(
    ("asked", "is_alone", "expected"),
    [
        pytest.param(job(), False, "8 processes with 1 CPU each (PACK)", id="one-for-each-cpu"),
        pytest.param(job(threads=4), False, "2 processes with 4 CPU each (PACK)", id="threads-are-cpus"),
        pytest.param(job(threads=4, cpus=0.5), False, "16 processes with 0.5 CPU each (PACK)", id="cpus-are-cpus"),
        pytest.param(job("auto"), False, "2 processes with 1 CPU, 1 GPU each (PACK)", id="one-for-each-gpu"),
        pytest.param(job("cuda", gpus=0.5), False, "4 processes with 1 CPU, 0.5 GPU each (PACK)", id="shared-gpus"),
        pytest.param(job(processes=1), False, "1 process with 1 CPU each (PACK)", id="as-many-as-asked"),
        pytest.param(job(processes=2), True, "2 processes with 4 CPU each (PACK)", id="share-of-an-own-cluster"),
        pytest.param(job(processes=99), True, "99 processes with 1 CPU each (PACK)", id="more-than-cores"),
    ],
)
def test_demand_follows_device_threads_and_options(asked, is_alone, expected):
    assert str(Demand.of(asked, [MACHINE], is_alone=is_alone)) == expected


@pytest.mark.parametrize(
    ("asked", "machines", "expected"),
    [
        pytest.param(job(threads=4), [{"CPU": 6.0}] * 3, 3, id="cpus-of-one-machine"),
        pytest.param(job(cpus=0.1), [{"CPU": 1.0}, {"CPU": 3.0}], 40, id="parts-of-cpus"),
        pytest.param(job("cuda", gpus=0.6), [{"CPU": 8.0, "GPU": 2.0}], 2, id="one-gpu-each"),
        pytest.param(job("cuda", gpus=0.4), [{"CPU": 8.0, "GPU": 1.0}, {"CPU": 8.0}], 2, id="machine-without-gpu"),
        pytest.param(job(threads=4), [{"CPU": 2.0}], 1, id="one-at-least"),
    ],
)
def test_as_many_processes_as_fit_on_whole_machines_and_gpus(asked, machines, expected):
    assert Demand.of(asked, machines, is_alone=False).num_processes == expected


def test_auto_asks_for_no_gpu_where_there_is_none():
    assert Demand.of(job("auto"), [{"CPU": 4.0}], is_alone=False).each == {"CPU": 1}
    assert Demand.of(job("cuda"), [{"CPU": 4.0}], is_alone=False).each == {"CPU": 1, "GPU": 1}


@pytest.mark.parametrize(
    ("asked", "resources", "fits"),
    [
        pytest.param(job("cuda", cpus=8), MACHINE, True, id="all-of-it"),
        pytest.param(job("cuda", cpus=8), {"CPU": 8.0}, False, id="no-gpu"),
        pytest.param(job("cuda", cpus=8), {"CPU": 7.0, "GPU": 1.0}, False, id="too-few-cpus"),
        pytest.param(job(cpus=5, processes=2), MACHINE, True, id="the-other-goes-elsewhere"),
        pytest.param(job(cpus=5, processes=2, strategy="STRICT_PACK"), MACHINE, False, id="the-other-must-not"),
    ],
)
def test_machine_fits_where_it_is_large_enough_for_rank_0_and_all_that_must_be_with_it(asked, resources, fits):
    assert Demand.of(asked, [MACHINE], is_alone=False).fits(resources) == fits


@pytest.mark.parametrize(
    ("asked", "num_gpus", "expected"),
    [
        pytest.param(job(), 0, 4, id="all-cores"),
        pytest.param(job(processes=5), 0, 5, id="more-processes"),
        pytest.param(job(processes=3, cpus=1.5), 0, 5, id="more-cpus-of-several"),
        pytest.param(job(threads=4, processes=2), 0, 8, id="more-threads-of-several"),
        pytest.param(job(threads=6), 0, 6, id="more-threads-of-one"),
        pytest.param(job(cpus=5.5), 0, 6, id="more-cpus-of-one"),
        pytest.param(job("auto", threads=2), 8, 16, id="one-process-for-each-gpu"),
        pytest.param(job("cuda", cpus=3, gpus=0.5), 1, 6, id="two-processes-on-a-gpu"),
        pytest.param(job("cpu", threads=2), 8, 4, id="gpus-that-nobody-asks-for"),
    ],
)
def test_own_cluster_has_room_for_as_many_processes_as_were_asked_for(monkeypatch, asked, num_gpus, expected):
    monkeypatch.setattr(launching, "usable_cores", lambda: 4)

    num_cpus = launching.own_cpus(asked, num_gpus)

    assert num_cpus == expected
    demand = Demand.of(asked, [{"CPU": float(num_cpus), "GPU": float(num_gpus)}], is_alone=True)
    assert demand.num_processes * demand.cpus <= num_cpus


@pytest.mark.parametrize(
    ("written", "variable", "expected"),
    [
        ("", "", ""),
        ("", "10.0.0.1:6379", "10.0.0.1:6379"),
        ("", "local", ""),
        ("auto", "", "auto"),
        ("auto", "10.0.0.1:6379", "10.0.0.1:6379"),
        ("auto", "local", ""),
        ("local", "10.0.0.1:6379", ""),
        ("10.0.0.2:6379", "10.0.0.1:6379", "10.0.0.2:6379"),
    ],
)
def test_address_is_the_configs_or_rays_own_variable_and_local_is_a_guarded_cluster(
    monkeypatch, written, variable, expected
):
    monkeypatch.setenv("RAY_ADDRESS", variable)

    assert launching.address_of(RayOptions(address=written)) == expected


@pytest.mark.parametrize(("written", "variable"), [("ray://10.0.0.1:10001", ""), ("", "ray://10.0.0.1:10001")])
def test_address_of_rays_client_is_refused(monkeypatch, written, variable):
    monkeypatch.setenv("RAY_ADDRESS", variable)

    with pytest.raises(
        ConfigError, match=r"must be HOST:PORT of a cluster's head or auto, got 'ray://10\.0\.0\.1:10001'"
    ):
        launching.address_of(RayOptions(address=written))


def test_clusters_of_one_process_have_one_password():
    assert clusters.own_token() == clusters.own_token()
    assert len(clusters.own_token()) == 64


def test_ranks_are_numbered_machine_by_machine_from_this_one_on():
    found = [seat("2"), seat("3"), seat("1"), seat("2"), seat("1")]

    order = ranked(found, here="2")

    assert order == [0, 3, 2, 4, 1]
    places = places_of([found[index] for index in order], attempt=3)
    assert [(place.rank, place.local_rank, place.local_world_size) for place in places] == [
        (0, 0, 2),
        (1, 1, 2),
        (2, 0, 2),
        (3, 1, 2),
        (4, 0, 1),
    ]
    assert {(place.address, place.port, place.world_size, place.attempt) for place in places} == {("10.0.0.2", 1, 5, 3)}


def test_machine_that_lets_a_run_wait_is_told(capsys):
    tell_of_niceness([seat("1", niceness=os.nice(0)), seat("2", niceness=os.nice(0) + 15)])

    said = capsys.readouterr().err
    assert "processes on 10.0.0.2 run at niceness" in said
    assert "RAY_worker_niceness=0" in said
    assert "10.0.0.1" not in said


def test_signals_wait_until_somebody_looks():
    signals = Signals()

    signals.tell(signal.SIGUSR1)
    signals.tell(signal.SIGTERM)
    signals.end(signal.SIGINT)

    assert list(signals.to_tell) == [signal.SIGUSR1, signal.SIGTERM]
    assert signals.ended_by == signal.SIGINT


def test_head_is_gone_once_it_has_been_away_several_times_in_turn(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(heads, "monotonic", lambda: now[0])

    def is_gone():
        now[0] += heads.LOOK_S
        return head.is_gone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        head = heads.Head(f"127.0.0.1:{port}")
        assert not is_gone()
    assert [is_gone() for _ in range(heads.MISSES - 1)] == [False] * (heads.MISSES - 1)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_gone()
    assert [is_gone() for _ in range(heads.MISSES)] == [False] * (heads.MISSES - 1) + [True]


def test_variables_of_ray_are_set_for_its_processes_and_gone_afterwards_but_for_the_users(monkeypatch):
    monkeypatch.delenv(NICENESS, raising=False)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")

    with clusters.environment(clusters.ALONE):
        assert os.environ[NICENESS] == "0"
        assert os.environ["RAY_AUTH_MODE"] == "disabled"

    assert NICENESS not in os.environ
    assert os.environ["RAY_AUTH_MODE"] == "disabled"


class Pretended:
    """Stands in for Ray where a start is to fail."""

    def __init__(self, failures):
        self.failures, self.inits, self.shutdowns = failures, [], 0

    def init(self, **how):
        self.inits.append(how)
        self.blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        os.kill(os.getpid(), signal.SIGHUP)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if len(self.inits) <= self.failures:
            raise RuntimeError("The current node timed out\nduring startup")

    def shutdown(self):
        self.shutdowns += 1


@pytest.fixture
def pretended(monkeypatch, hangups):
    def pretend(failures):
        ray = Pretended(failures)
        monkeypatch.setattr(clusters, "import_ray", lambda: ray)
        return ray

    return pretend


def test_start_that_fails_once_is_tried_again_with_the_same_words(pretended, capsys):
    ray, before = pretended(1), signal.getsignal(signal.SIGTERM)

    clusters.start("/tmp/here", 3, 1)

    assert len(ray.inits) == 2
    assert ray.inits[0] == ray.inits[1]
    assert ray.inits[0]["address"] == "local"
    assert (ray.inits[0]["num_cpus"], ray.inits[0]["num_gpus"]) == (3, 1)
    assert ray.shutdowns == 1
    assert "did not start on this machine (The current node timed out); trying once more" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


def test_processes_of_ray_outlive_the_terminal_which_this_one_hears_of(pretended, hangups):
    ray = pretended(0)

    clusters.start("/tmp/here", 3, 1)

    assert signal.SIGHUP in ray.blocked
    assert signal.SIGHUP not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert hangups == [signal.SIGHUP]


def test_start_that_fails_twice_is_told(pretended):
    ray = pretended(2)

    with pytest.raises(DistributionError, match=r"no Ray cluster could be started on this machine \(The current node"):
        clusters.start("/tmp/here", 3, 1)

    assert ray.shutdowns == 2


def test_cluster_that_is_not_there_is_told_with_its_address(pretended):
    pretended(1)

    with pytest.raises(DistributionError, match=r"found no Ray cluster at '10\.0\.0\.1:6379' \(The current node"):
        clusters.join("10.0.0.1:6379")


def test_folder_of_ray_is_this_users_alone_on_a_short_path_and_gone_afterwards(monkeypatch, tmp_path):
    monkeypatch.delenv(clusters.TEMPORARY, raising=False)
    with clusters.session_folder() as folder:
        assert len(folder) < 40
        assert Path(folder).parent.stat().st_mode & 0o077 == 0
    assert not Path(folder).parent.exists()

    monkeypatch.setenv(clusters.TEMPORARY, str(tmp_path))
    with clusters.session_folder() as folder:
        assert Path(folder).parent.parent == tmp_path


def test_ray_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(launching, "find_spec", lambda _: None)
    monkeypatch.delenv("RANK", raising=False)

    with pytest.raises(PluginError, match=r"distribution 'ray' of keisei-plugins-ray needs Ray: pip install"):
        launching.launch(job())


def test_listing_loads_neither_ray_nor_torch_and_taking_part_loads_no_ray():
    code = """
import sys, keisei_plugins_ray.hooks, keisei_plugins_ray.options
print([name in sys.modules for name in ("torch", "ray")])
import keisei_plugins_ray.backend
print([name in sys.modules for name in ("torch", "ray")])
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[False, False]\n[True, False]\n"


needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed; make distributed installs it")


@needs_ray
def test_file_shows_who_sees_the_run_folder_and_is_gone_afterwards(tmp_path):
    clusters.import_ray()
    from keisei_plugins_ray.seats import marked

    with marked(tmp_path / "runs" / "r") as mark:
        assert Path(mark).parent == tmp_path
        assert Path(mark).exists()
    assert list(tmp_path.iterdir()) == []
    with marked(None) as mark:
        assert mark == ""


@needs_ray
@pytest.mark.parametrize(("sees", "here", "is_refused"), [(False, "9", True), (True, "9", False), (False, "1", False)])
def test_rank_0_is_refused_where_the_run_folder_is_not_to_be_seen(monkeypatch, tmp_path, sees, here, is_refused):
    ray = clusters.import_ray()
    from keisei_plugins_ray import seats

    context = SimpleNamespace(get_node_id=lambda: here)
    monkeypatch.setattr(ray, "get_runtime_context", lambda: context)
    monkeypatch.setattr(ray, "get", lambda answers: answers)
    monkeypatch.setattr(seats, "all_answered", lambda *_: True)
    ours = seats.Seats.__new__(seats.Seats)
    answer = SimpleNamespace(remote=lambda mark: seat("1", sees_folder=sees))
    ours.actors, ours.job = [SimpleNamespace(whereabouts=answer)], Job(work=print, run_dir=tmp_path / "r")

    if is_refused:
        with pytest.raises(DistributionError, match=r"rank 0 would be on 10\.0\.0\.1, where .* is not to be seen"):
            ours.whereabouts(1, lambda: False)
    else:
        assert [each.node for each in ours.whereabouts(1, lambda: False)] == ["1"]


@needs_ray
def test_what_workers_printed_to_the_last_is_told_when_they_are_ended(monkeypatch):
    ray = clusters.import_ray()
    from keisei_plugins_ray import seats

    told = [News(printed=((1, b"one"),)), News(printed=((2, b"two"),), code=-15)]
    monkeypatch.setattr(ray, "wait", lambda answers, **_: (answers, []))
    monkeypatch.setattr(ray, "get", lambda answer: told[answer])
    monkeypatch.setattr(ray, "kill", lambda actor: None)
    monkeypatch.setattr(seats, "remove_placement_group", lambda group: None)
    ours = seats.Seats.__new__(seats.Seats)
    never = SimpleNamespace(remote=lambda *_: 1)
    ours.actors, ours.asked, ours.group = [SimpleNamespace(end=never, news=never)], {0: 0}, None

    assert ours.end() == told


class Signalled:
    """Stands in for the seats of a start, in the middle of which a signal comes."""

    def __init__(self, *_):
        self.has_started, self.has_ended = False, False

    def start(self, *_):
        self.has_started = True

    def end(self):
        self.has_ended = True
        return []


@pytest.fixture
def placing(monkeypatch):
    """Starts where there is room, while the last worker's place is told a signal comes; returns watch and seats."""
    ray = clusters.import_ray()
    from keisei_plugins_ray import watch

    def place(number):
        ours, restarts = Signalled(), Restarts(2, 0, lambda *_: None)
        signals = Signals()

        def whereabouts(*_):
            os.kill(os.getpid(), number)
            return [seat("1"), seat("2")]

        ours.whereabouts = whereabouts
        context = SimpleNamespace(gcs_address="10.0.0.1:6379")
        monkeypatch.setattr(ray, "get_runtime_context", lambda: context)
        monkeypatch.setattr(heads.Head, "answers", lambda _: True)
        monkeypatch.setattr(watch, "machines", lambda: [MACHINE])
        monkeypatch.setattr(watch, "reserve", lambda *_: "room")
        monkeypatch.setattr(watch, "Seats", lambda *_: ours)
        watching = watch.Watch(job(processes=2), restarts, signals, {}, is_alone=True)
        with forwarding(restarts, signals.tell, signals.end):
            return watching.started(), ours, signals

    return place


@needs_ray
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_stop_that_comes_with_the_last_place_starts_no_worker(placing, number):
    started, ours, _ = placing(number)

    assert started is None
    assert (ours.has_started, ours.has_ended) == (False, True)


@needs_ray
def test_signal_to_save_that_came_before_the_workers_is_kept_from_them(placing):
    started, ours, signals = placing(signal.SIGUSR1)

    assert started is ours
    assert (ours.has_started, ours.has_ended) == (True, False)
    assert not signals.to_tell


@needs_ray
def test_signal_waits_for_the_start_of_each_worker():
    clusters.import_ray()
    from keisei_plugins_ray import seats

    calls = []
    ours = seats.Seats.__new__(seats.Seats)
    ours.actors = [SimpleNamespace(tell=SimpleNamespace(remote=lambda *words: calls.append(words))) for _ in range(2)]
    ours.starts = ["answer 0", "answer 1"]

    ours.tell(signal.SIGTERM)

    assert calls == [(15, "answer 0"), (15, "answer 1")]
