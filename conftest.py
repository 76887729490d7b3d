"""What every suite needs before its tests are collected.

The plugins' folders have the names of their packages, and pytest would otherwise take the folder for the package: under
`--import-mode=importlib` it imports a test as `<folder>.tests.<module>`, parents first.
"""

import os

# The networks of tests are tiny: a second thread costs more waiting than it saves work. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import keisei_plugins_features  # noqa: F401
import keisei_plugins_resnet  # noqa: F401
