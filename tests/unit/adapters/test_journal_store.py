# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal's files, on a real file system."""
from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import journal_store
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.journal_store import JournalStore
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.core.journal import Entry
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.state import JOURNAL_TYPES, State

ONE = Entry("network front", State(absent=("front",)), State())
TWO = Entry("network back", State(absent=("back",)), State())


def store(path, engine="ENGINE", kind="network"):
    return JournalStore(str(path), kind, JOURNAL_TYPES, lambda: engine)


def test_entries_are_kept_until_they_are_cleared(tmp_path):
    store(tmp_path).write(ONE)
    store(tmp_path).write(TWO)
    assert set(store(tmp_path).read()) == {ONE, TWO}
    store(tmp_path).clear(ONE)
    assert store(tmp_path).read() == (TWO,)


def test_clearing_what_is_not_there_is_no_failure(tmp_path):
    store(tmp_path).clear(ONE)
    store(tmp_path / "nowhere").clear(ONE)


def test_writing_again_replaces(tmp_path):
    store(tmp_path).write(ONE)
    later = Entry(ONE.name, State(absent=("front", "more")), State())
    store(tmp_path).write(later)
    assert store(tmp_path).read() == (later,)


def test_another_engine_and_another_kind_have_their_own(tmp_path):
    store(tmp_path).write(ONE)
    assert store(tmp_path, engine="OTHER").read() == ()
    assert store(tmp_path, kind="endpoint").read() == ()


def test_the_engine_is_not_asked_where_nothing_lies(tmp_path):
    def asked():
        raise AssertionError("the engine was asked for its id")

    assert JournalStore(str(tmp_path), "network", JOURNAL_TYPES, asked).read() == ()
    assert JournalStore(str(tmp_path / "nowhere"), "network", JOURNAL_TYPES, asked).read() == ()


def test_nobody_else_may_read_it(tmp_path):
    os.umask(0o022)
    store(tmp_path / "new").write(ONE)
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_it_is_flushed_to_the_disk_before_it_counts(tmp_path, monkeypatch):
    order = []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), real_sync(handle)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("rename"), real_replace(*paths)))
    store(tmp_path).write(ONE)
    assert order == ["sync", "rename", "sync"]


def test_what_is_set_aside_is_not_read_and_not_lost(tmp_path):
    store(tmp_path).write(ONE)
    aside = store(tmp_path).set_aside(ONE)
    assert len(store(tmp_path).read()) == 1 and "set-aside" in aside
    store(tmp_path).clear(ONE)
    assert store(tmp_path).read() == ()
    assert "front" in open(aside, encoding="utf-8").read()


@pytest.mark.parametrize("damage,told", [
    (b"", "not a journal entry: Expecting value: line 1 column 1 (char 0)"),
    (b"{\"format\": 1}", "not a journal entry: 'entry'"),
    (b"\xff\xfe", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
], ids=["empty", "cut", "not text"])
def test_a_damaged_entry_says_where_it_lies_and_what_to_do(tmp_path, damage, told):
    store(tmp_path).write(ONE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    with pytest.raises(EnvironmentFault) as caught:
        store(tmp_path).read()
    assert str(caught.value) == ("The journal %s of a run that was stopped cannot be read (%s); look at it, then move it away." % (
        file, told))


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault) as caught:
        store(tmp_path / "file").write(ONE)
    assert str(caught.value) == ("The journal cannot be written in %s (File exists), and without it a killed run would lose "
                                 "endpoints; make room, or set state_dir." % (tmp_path / "file"))
    with pytest.raises(EnvironmentFault) as caught:
        store(tmp_path / "file").read()
    assert str(caught.value) == ("The folder for the journal %s cannot be read (Not a directory); run as root, or set state_dir "
                                 "to a folder of your own." % (tmp_path / "file"))


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        store(tmp_path).write(ONE)
    assert not list(tmp_path.iterdir())


def test_where_it_lies(monkeypatch):
    assert journal_store.folder("/given") == "/given"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert journal_store.folder() == "/var/lib/fleetnet"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/u/state")
    assert journal_store.folder() == "/home/u/state/fleetnet"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/u")
    assert journal_store.folder() == "/home/u/.local/state/fleetnet"
