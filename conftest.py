"""Imports the bundled plugins before any test is collected.

Their folders have the names of their packages, and pytest would otherwise take the folder for the package: under
`--import-mode=importlib` it imports a test as `<folder>.tests.<module>`, parents first.
"""

import keisei_plugins_features  # noqa: F401
import keisei_plugins_resnet  # noqa: F401
