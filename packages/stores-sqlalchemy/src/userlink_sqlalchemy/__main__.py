"""``python -m userlink_sqlalchemy``."""

import sys

from ._command_line import main

sys.exit(main())
