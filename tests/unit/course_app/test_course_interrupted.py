# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario's killer: it kills where it should, with all that the command began, and says when there was nothing to kill."""
from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

KILLER = Path(__file__).resolve().parents[3] / "molecule" / "course_app" / "interrupted.py"
COMMAND = r"""
echo "TASK [Look at the hosts] ***"
setsid sleep 300 & echo $! >> children
printf '\033[0;33mTASK [fleetnet.docker.course_app : Make the volume for MySQL\047s data] ******\033[0m\n'
[ "$(wc -l < children)" -gt 1 ] || sleep 300
kill $!
"""


def run(tmp_path, *tasks):
    return subprocess.run([sys.executable, str(KILLER), *tasks, "--", "sh", "-c", COMMAND], cwd=tmp_path, capture_output=True, text=True,
                          timeout=30, check=False)


def alive(pid):
    try:
        with open("/proc/%s/stat" % pid, encoding="utf-8") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_kills_at_the_task_with_all_descendants_and_then_runs_to_the_end(tmp_path):
    done = run(tmp_path, "Make the volume for MySQL's data")
    assert done.returncode == 0 and "killed at: Make the volume" in done.stdout, done.stdout + done.stderr
    children = (tmp_path / "children").read_text(encoding="ascii").split()
    deadline = time.monotonic() + 5
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children) == 2 and not any(map(alive, children))


def test_a_task_that_never_comes_is_an_error(tmp_path):
    (tmp_path / "children").write_text("0\n", encoding="ascii")
    done = run(tmp_path, "Provide the networks")
    assert done.returncode != 0 and "'Provide the networks' never came" in done.stderr
