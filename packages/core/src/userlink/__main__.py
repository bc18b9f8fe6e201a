"""``python -m userlink``."""

import sys

from userlink.doctor.command_line import main

sys.exit(main())
