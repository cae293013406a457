# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command of Ansible again and again, killed at one task after the other, and in the end to success.

    interrupted.py TASK... -- COMMAND...
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HEADER = re.compile(r"^TASK \[(?:[^\]]* : )?(.*)\] \**$")


def parents():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8", errors="replace") as stream:
                yield int(pid), int(stream.read().rpartition(")")[2].split()[1])
        except OSError:
            continue


def family(pid):
    """The process and all that descend from it; workers of Ansible have sessions of their own."""
    members, rows = {pid}, list(parents())
    while True:
        more = {child for child, parent in rows if parent in members} - members
        if not more:
            return members
        members |= more


def kill(process):
    os.kill(process.pid, signal.SIGSTOP)
    for pid in family(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def run_until(task, command):
    """Begin the command and kill it when this task begins."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        seen = []
        for line in process.stdout:
            seen.append(line)
            found = HEADER.match(COLOUR.sub("", line).rstrip())
            if found and found.group(1) == task:
                kill(process)
                print("killed at: %s" % task, flush=True)
                return
    sys.exit("".join(seen[-60:]) + "\nit ended with %s, and the task '%s' never came" % (process.returncode, task))


def main(arguments):
    tasks, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    for task in tasks:
        run_until(task, command)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout[-4000:])
    sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
