# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of its own: puts back what was, unless somebody says in time that all is well.

Started on the host by rollback_timer.py; it needs nothing but the standard library, and no session to live in.

    python3 rollback_program.py FOLDER TOKEN
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time

STEP_SECONDS = 0.1
COMMAND_SECONDS = 60
FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


def wait(folder, token):
    """:returns: why the time is up, or an empty text where somebody disarmed the timer"""
    armed = armed_file(folder, token)
    with open(armed, encoding="utf-8") as stream:
        order = json.load(stream)
    until = time.monotonic() + order["seconds"]
    with open(ready_file(folder, token), "w", encoding="ascii"):
        pass
    while os.path.exists(armed):
        if os.path.exists(os.path.join(folder, "now")):
            return "it was asked to", order["commands"]
        if time.monotonic() >= until:
            return "nobody confirmed within %g s" % order["seconds"], order["commands"]
        time.sleep(STEP_SECONDS)
    return "", ()


def claim(folder, token):
    """Renaming is how the one who fires and the one who disarms agree on who was first."""
    try:
        os.rename(armed_file(folder, token), os.path.join(folder, "fired-" + token))
        return True
    except FileNotFoundError:
        return False


def carry_out(commands):
    """:returns: sentences about what failed"""
    errors = []
    for command in commands:
        try:
            # Ansible's run_command is a module's; this is a program of its own.
            done = subprocess.run(command["argv"], input=command["input"], stdout=subprocess.PIPE,  # pylint: disable=ansible-bad-function
                                  stderr=subprocess.PIPE, env={"PATH": FOLDERS, "LC_ALL": "C"}, universal_newlines=True,
                                  timeout=COMMAND_SECONDS, check=False)
            failed = done.stderr.strip() or "code %d" % done.returncode if done.returncode else ""
        except (OSError, subprocess.SubprocessError) as reason:
            failed = str(reason)
        if failed and not command["may_fail"]:
            errors.append("%s: %s" % (" ".join(command["argv"]), failed[:300]))
    return errors


def tell(folder, token, reason, errors):
    """Written whole or not at all, for the controller may read it at any time."""
    path = os.path.join(folder, "outcome.json")
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump({"token": token, "reason": reason, "errors": errors}, stream)
    os.replace(path + ".new", path)


def armed_file(folder, token):
    return os.path.join(folder, "armed-" + token)


def ready_file(folder, token):
    return os.path.join(folder, "ready-" + token)


def vanish(folder):
    """Leaves nothing where nothing is left to be told."""
    while True:
        try:
            os.rmdir(folder)
        except OSError:
            return  # what became of a change, or another timer
        folder = os.path.dirname(folder)
        if os.path.basename(folder) not in ("rollback", "fleetnet"):
            return


def main(folder, token):
    reason, commands = wait(folder, token)
    if reason and claim(folder, token):
        tell(folder, token, reason, carry_out(commands))
    for path in (ready_file(folder, token), os.path.join(folder, "program-%s.py" % token)):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass  # whoever armed it gave up
    vanish(folder)


if __name__ == "__main__":
    main(*sys.argv[1:3])
