# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the app in this container whether it is alive. For HEALTHCHECK: the standard library is all it needs."""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener


def main():
    url = "http://127.0.0.1:%s/healthz" % os.environ.get("COURSE_APP_PORT", "8001")
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, OSError) as error:
        print("%s: %s" % (url, error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
