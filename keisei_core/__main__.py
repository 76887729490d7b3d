"""Makes `python -m keisei_core` the same as the command `keisei`."""

import sys

from keisei_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
