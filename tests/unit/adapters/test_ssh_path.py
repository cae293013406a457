# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port of the SSH connection above, with real processes."""
from __future__ import annotations

import os
import subprocess
import sys

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import ssh_path

ASK = """
import sys
sys.path.insert(0, %r)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import ssh_path
print(ssh_path.port())
"""
COLLECTIONS = next(place for place in sys.path if os.path.isdir(os.path.join(place, "ansible_collections", "fleetnet")))


def asked(environment, between=()):
    """:param between: words of a command that starts the next one without the variable, as sudo does"""
    clean = {key: value for key, value in os.environ.items() if key != "SSH_CONNECTION"}
    argv = [*between, sys.executable, "-c", ASK % COLLECTIONS]
    # A shell of its own stands for the user's: it has the variable, and it stays.
    done = subprocess.run(["sh", "-c", '"$@"; true', "sh", *argv], env=dict(clean, **environment), capture_output=True, text=True,
                          check=False)
    return done.stdout.strip(), done.stderr


def test_from_the_own_environment_and_from_the_parents():
    connection = {"SSH_CONNECTION": "192.0.2.1 50000 198.51.100.2 2222"}
    assert asked(connection)[0] == "2222"
    assert asked(connection, ("env", "-u", "SSH_CONNECTION"))[0] == "2222"
    assert asked({"SSH_CONNECTION": "2001:db8::1 50000 2001:db8::2 22"})[0] == "22"


def test_nonsense_is_no_connection(monkeypatch):
    monkeypatch.setattr(ssh_path, "_parent", lambda process: 0)
    for text in ("", "x", "a b c d", "192.0.2.1 50000 198.51.100.2", "a b c 22 e", "a b c -1"):
        assert ssh_path._ends_in(b"A=1\0SSH_CONNECTION=" + text.encode() + b"\0") == ()
    assert ssh_path._ends_in(b"MY_SSH_CONNECTION=a b c 22\0") == ()


def test_a_process_with_a_strange_name_has_a_parent(tmp_path):
    script = tmp_path / "a) S 1 (b"
    script.symlink_to("/bin/sleep")
    process = subprocess.Popen([str(script), "30"])
    try:
        assert ssh_path._parent(process.pid) == os.getpid()
    finally:
        process.kill()
        process.wait()
    assert ssh_path._parent(process.pid) == 0
