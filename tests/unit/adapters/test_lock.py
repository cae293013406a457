# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock, with real processes."""
from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

HOLDER = """
import sys, time
sys.path.insert(0, %r)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock
with engine_lock(sys.argv[1], lambda: "ENGINE", 0, "networks")():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    path = [entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet"))][0]
    process = subprocess.Popen([sys.executable, "-c", HOLDER % path, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def lock(path, seconds, engine="ENGINE"):
    return engine_lock(str(path), lambda: engine, seconds, "networks")()


def test_a_second_run_waits_and_then_says_who_holds_it(tmp_path, holder):
    begun = time.monotonic()
    with pytest.raises(EnvironmentFault) as caught:
        with lock(tmp_path, 0.3):
            pass
    assert time.monotonic() - begun >= 0.3
    assert str(caught.value) == ("Another run changes this engine: process %d (networks) still holds the lock after 0.3 s; "
                                 "wait for it, or raise lock_timeout." % holder.pid)


def test_a_killed_holder_lets_go(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lock(tmp_path, 0):
        pass


def test_another_engine_is_another_lock(tmp_path, holder):
    with lock(tmp_path, 0, engine="OTHER"):
        pass


def test_it_is_free_again_after_a_failure(tmp_path):
    with pytest.raises(KeyError):
        with lock(tmp_path, 0):
            raise KeyError("inside")
    with lock(tmp_path, 0):
        pass


def test_nobody_else_may_read_it(tmp_path):
    os.umask(0o022)
    with lock(tmp_path / "new", 0):
        (file,) = (tmp_path / "new").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault) as caught:
        with lock(tmp_path / "file" / "folder", 0):
            pass
    assert str(caught.value) == ("The lock cannot be made in %s (Not a directory); run as root, or set state_dir to a folder of "
                                 "your own." % (tmp_path / "file" / "folder"))
