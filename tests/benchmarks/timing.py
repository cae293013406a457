# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a whole process takes: a playbook's run, or a script's."""
from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import time

# Stands in for Python on the target, and writes down how long what it ran took, and its peak of memory.
WRAPPER = """#!{python}
import json, resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.call([{python!r}] + sys.argv[1:])
with open({record!r}, "a") as stream:
    stream.write(json.dumps([time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]) + "\\n")
sys.exit(code)
"""


def playbook(path: pathlib.Path, variables: str, interpreter: str = sys.executable, inside: tuple = (), **environment: str) -> float:
    """:param variables: path of a JSON file; :param inside: words in front of the command

    :returns: seconds of the whole ansible-playbook run
    """
    with tempfile.TemporaryDirectory() as folder:
        _inventory(pathlib.Path(folder), pathlib.Path(variables), interpreter)
        return _seconds([*inside, "ansible-playbook", "-i", folder, str(path)], environment)


def _inventory(folder: pathlib.Path, variables: pathlib.Path, interpreter: str) -> None:
    """What is declared lies where a fleet has it: in a file of group_vars."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": interpreter}
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"localhost": here}}}), encoding="utf-8")
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "all.json").symlink_to(variables)


def module(path: pathlib.Path, variables: str, inside: tuple = (), **environment: str) -> tuple:
    """:returns: seconds of the whole run, seconds of the module's process alone, and its peak of memory in MB"""
    with tempfile.TemporaryDirectory() as folder:
        record, wrapper = pathlib.Path(folder, "record"), pathlib.Path(folder, "python")
        wrapper.write_text(WRAPPER.format(python=sys.executable, record=str(record)), encoding="utf-8")
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        whole = playbook(path, variables, str(wrapper), inside, **environment)
        rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
        return whole, max(row[0] for row in rows), max(row[1] for row in rows)


def script(path: pathlib.Path, variables: str) -> float:
    return _seconds([sys.executable, str(path), variables], {})


def _seconds(command, environment) -> float:
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ, **environment))
    if done.returncode:
        sys.exit("The run of %s failed:\n%s%s" % (" ".join(command), done.stdout, done.stderr))
    return time.monotonic() - start
