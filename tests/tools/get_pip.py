# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""get_pip.py VENV: puts a get-pip where ansible-test looks for one before it would fetch it from a host of its own.

It runs the pip wheel that the environment's own pip downloads, so whatever index that pip uses is used here too.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

GET_PIP = '''\
"""Install pip into an empty environment from the wheel beside this file."""
import os
import runpy
import sys

WHEEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-%s-py3-none-any.whl")

if __name__ == "__main__":
    arguments = [name for name in sys.argv[1:] if name not in ("--no-setuptools", "--no-wheel")]
    sys.path.insert(0, WHEEL)
    sys.argv = [WHEEL, "install"] + arguments
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def main(venv):
    (source,) = venv.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")
    version = re.search(r"\bpip='([0-9.]+)'", source.read_text()).group(1)
    cache = pathlib.Path.home() / ".ansible" / "test" / "cache"
    target = cache / ("get_pip_%s.py" % version.replace(".", "_"))
    if target.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [venv / "bin" / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        + ["--dest", cache, "pip==" + version],
        check=True,
    )
    target.write_text(GET_PIP % version)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).absolute())
