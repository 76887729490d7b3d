"""What every suite needs before its tests are collected.

The plugins' folders have the names of their packages, and pytest would otherwise take the folder for the package: under
`--import-mode=importlib` it imports a test as `<folder>.tests.<module>`, parents first.
"""

import atexit
import os
import shutil
import signal
import tempfile

# What a tester's or a build machine's environment says of terminals, plugins and processes is not what is tested.
_OWN = ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES", "PYTHONIOENCODING")
_OWN += ("KEISEI_DISABLE_PLUGINS", "KEISEI_ONLY_PLUGINS", "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")
_OWN += ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
for _name in _OWN:
    os.environ.pop(_name, None)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored by what nohup starts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # by what a script starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The networks of tests are tiny: a second thread costs more waiting than it saves work. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Files of `--plugin` are listed in the user's data folder: tests have one of their own, for their commands as well.
if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker has that of the process that started it
    os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="keisei-data-")
    atexit.register(shutil.rmtree, os.environ["XDG_DATA_HOME"], ignore_errors=True)

import keisei_plugins_features  # noqa: E402, F401
import keisei_plugins_resnet  # noqa: E402, F401
