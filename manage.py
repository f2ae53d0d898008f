#!/usr/bin/env python
"""Django's command line for the Creator Trust Portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 -- after the environment
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the environment

    from portal.localservers import Unavailable  # noqa: PLC0415 -- after the environment

    try:
        execute_from_command_line(sys.argv)
    except (Unavailable, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
