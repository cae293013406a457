# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roll-back timer with real processes, in a folder of its own."""
from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import rollback_timer
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.rollback_timer import Command, RollbackTimer
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

pytestmark = pytest.mark.skipif(os.path.isdir(rollback_timer.SYSTEMD) and os.geteuid() != 0, reason="systemd-run asks for root")
ARMING = """
import sys
sys.path.insert(0, %r)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.rollback_timer import Command, RollbackTimer
RollbackTimer("thing", sys.argv[1]).arm(0.6, [Command(("tee", sys.argv[2]), "old")])
print("armed", flush=True)
import time; time.sleep(60)
"""


@pytest.fixture
def timer(tmp_path):
    made = RollbackTimer("thing", str(tmp_path / "run"))
    yield made
    for token in made._armed():
        made._remove("armed-" + token)


def writing(path, text):
    return Command(("tee", str(path)), text)


def comes(path, seconds=5):
    until = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return path.exists()


def goes(path, seconds=5):
    until = time.monotonic() + seconds
    while path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return not path.exists()


def outcome(tmp_path):
    path = tmp_path / "run" / "thing" / "outcome.json"
    return json.loads(path.read_text()) if comes(path) else None


def test_unless_it_is_disarmed_it_puts_back(timer, tmp_path):
    thing = tmp_path / "state"
    token = timer.arm(0.3, [writing(thing, "old")])
    assert timer.pending() == token and not thing.exists()
    assert outcome(tmp_path) == {"token": token, "reason": "nobody confirmed within 0.3 s", "errors": []}
    assert thing.read_text() == "old" and not timer.pending()


def test_disarmed_it_does_nothing(timer, tmp_path):
    thing = tmp_path / "state"
    timer.arm(0.4, [writing(thing, "old")])
    timer.disarm()
    assert not timer.pending()
    time.sleep(0.7)
    assert not thing.exists() and not (tmp_path / "run" / "thing" / "outcome.json").exists()
    assert goes(tmp_path / "run" / "thing")


def test_too_late_to_disarm_is_an_error(timer, tmp_path):
    timer.arm(0.1, [writing(tmp_path / "state", "old")])
    assert outcome(tmp_path)
    with pytest.raises(EnvironmentFault, match="The roll-back timer was faster, and the host has taken the change back; run the task again"):
        timer.disarm()


def test_asked_to_it_does_not_wait(timer, tmp_path):
    timer.arm(60, [writing(tmp_path / "state", "old")])
    (tmp_path / "run" / "thing" / "now").touch()
    assert outcome(tmp_path)["reason"] == "it was asked to"


def test_armed_again_it_goes_back_to_before_the_first_time(timer, tmp_path):
    thing = tmp_path / "state"
    first = timer.arm(60, [writing(thing, "oldest")])
    second = timer.arm(0.2, [writing(thing, "newer")])
    assert first != second and timer.pending() == second
    assert outcome(tmp_path)["token"] == second and thing.read_text() == "oldest"


def test_armed_again_it_also_puts_back_what_only_the_second_change_touched(timer, tmp_path):
    paths = {name: tmp_path / name for name in ("rules", "one", "two")}

    def orders(text, *names):
        return [Command(("tee", str(paths[name])), text, thing=name) for name in names]

    timer.arm(60, orders("oldest", "rules", "one"))
    timer.arm(60, orders("newer", "rules", "two"))
    timer.arm(0.2, orders("newest", "rules", "one", "two") + [writing(tmp_path / "plain", "never")])
    assert outcome(tmp_path)["errors"] == []
    assert [path.read_text() for path in paths.values()] == ["oldest", "oldest", "newer"] and not (tmp_path / "plain").exists()


def test_disarmed_it_leaves_no_folder_that_it_made(tmp_path):
    timer = RollbackTimer("thing", str(tmp_path / "fleetnet" / "rollback"))
    timer.arm(60, [])
    timer.disarm()
    assert goes(tmp_path / "fleetnet") and tmp_path.exists()


def test_the_next_one_is_not_harmed_by_a_former_one_that_ends(timer, tmp_path):
    for _time in range(5):
        timer.arm(60, [writing(tmp_path / "state", "old")])
        timer.disarm()
    timer.arm(0.1, [writing(tmp_path / "state", "old")])
    assert outcome(tmp_path)["errors"] == []


def test_what_became_of_it_stays_until_it_is_forgotten(timer, tmp_path):
    timer.arm(0.1, [])
    folder = tmp_path / "run" / "thing"
    assert outcome(tmp_path)
    token = timer.arm(60, [])
    timer.forget()
    assert timer.pending() == token and sorted(os.listdir(folder)) == ["armed-" + token, "program-%s.py" % token, "ready-" + token]
    (folder / "now").touch()
    assert outcome(tmp_path) and goes(folder / ("program-%s.py" % token))
    timer.forget()
    assert not folder.exists()


def test_what_fails_is_told_and_the_rest_is_done(timer, tmp_path):
    thing = tmp_path / "state"
    timer.arm(0.1, [Command(("false",)), Command(("false",), may_fail=True), Command(("no-such-command",)), writing(thing, "old")])
    assert outcome(tmp_path)["errors"] == ["false: code 1", "no-such-command: [Errno 2] No such file or directory: 'no-such-command'"]
    assert thing.read_text() == "old"


def test_it_outlives_who_armed_it(tmp_path):
    thing = tmp_path / "state"
    path = [entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet"))][0]
    process = subprocess.Popen([sys.executable, "-c", ARMING % path, str(tmp_path / "run"), str(thing)], stdout=subprocess.PIPE, text=True,
                               start_new_session=True)
    assert process.stdout.readline() == "armed\n"
    os.killpg(process.pid, signal.SIGKILL)  # as when a session is cleaned up
    process.wait()
    assert comes(thing) and outcome(tmp_path)["errors"] == []


def test_without_a_process_to_wait_nothing_is_armed(timer, tmp_path, monkeypatch):
    monkeypatch.setattr(rollback_timer, "READY_SECONDS", 0.2)
    monkeypatch.setattr(timer, "_start", lambda token: None)
    with pytest.raises(EnvironmentFault, match="did not start within 0.2 s, and without it nothing is changed"):
        timer.arm(60, [writing(tmp_path / "state", "old")])
    assert not timer.pending()


def test_what_it_will_load_is_for_its_owner_only(timer, tmp_path):
    token = timer.arm(60, [writing(tmp_path / "state", "old")])
    folder = tmp_path / "run" / "thing"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ("armed-" + token)).stat().st_mode) == 0o600


def test_it_says_what_it_would_put_back_as_long_as_it_runs(timer, tmp_path):
    assert timer.undo() == ()
    timer.arm(60, [Command(("tee", "/dev/null"), "old", thing="rules"), Command(("true",), thing="one")])
    timer.arm(60, [Command(("tee", "/dev/null"), "new", thing="rules"), Command(("tee", "/dev/null"), "other", thing="two")])
    assert timer.undo() == ("old", "other")
    timer.disarm()
    assert timer.undo() == ()
