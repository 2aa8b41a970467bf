"""`python -m orchestrator` is `isolate`."""

import sys

from orchestrator.cli import main

sys.exit(main())
