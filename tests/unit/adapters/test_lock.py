# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock, with real processes."""
from __future__ import annotations

import os
import pwd
import re
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

ME = pwd.getpwuid(os.geteuid()).pw_name
HOLDER = """
import sys, time
sys.path.insert(0, %r)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock
with engine_lock(sys.argv[1], lambda: "ENGINE", 0, "networks")():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    path = [entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet"))][0]
    process = subprocess.Popen([sys.executable, "-c", HOLDER % path, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def dateless(text):
    return re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}", "WHEN", str(text))


def lock(path, seconds, engine="ENGINE"):
    return engine_lock(str(path), lambda: engine, seconds, "networks")()


def test_a_second_run_waits_and_then_says_who_holds_it(tmp_path, holder):
    begun = time.monotonic()
    with pytest.raises(EnvironmentFault) as caught:
        with lock(tmp_path, 0.3):
            pass
    assert time.monotonic() - begun >= 0.3
    assert dateless(caught.value) == ("Another run changes this engine: process %d (networks, run by %s since WHEN) still holds the lock "
                                      "after 0.3 s; wait for it, or raise lock_timeout." % (holder.pid, ME))


def test_a_second_run_that_got_its_turn_says_for_whom_it_waited(tmp_path, holder):
    threading.Timer(0.4, holder.kill).start()
    with lock(tmp_path, 10) as waited:
        seconds = float(waited.split()[3])
        assert 0.2 < seconds < 9
        assert dateless(waited) == "this run waited %.1f s for process %d (networks, run by %s since WHEN)" % (seconds, holder.pid, ME)


def test_who_did_not_wait_says_nothing(tmp_path):
    with lock(tmp_path, 0) as waited:
        assert waited is None


def test_the_person_behind_sudo_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ops")
    with lock(tmp_path, 0):
        (file,) = tmp_path.iterdir()
        assert "(networks, run by %s for ops since " % ME in file.read_text()


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
