# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the disk for the next boot: whether it is in order, and that nothing of it stays. The disk is a folder, and systemctl notes
what it is told.
"""
from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import iptables, persist_firewall as persist
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

NFTABLES, IPTABLES = "table inet fleetnet\n", iptables.REMOVED
FOLDERS = ("SYSTEMD", "UNITS", "PROGRAMS")
FILES = {"RULES": "rules/firewall.nft", "IPTABLES_RULES": "rules/firewall.iptables", "ELEMENTS": "state/elements.nft"}


class Disk:
    """:ivar active: units that run; :ivar told: of systemctl"""

    def __init__(self, root):
        self.root, self.active, self.told = root, set(), []

    def run(self, argv, given=""):
        self.told.append(argv[1])
        names = [word for word in argv[2:] if not word.startswith("-")]
        if argv[1] == "is-active":
            return Done(0 if names[0] in self.active else 3)
        if argv[1] in ("enable", "disable") and not all((self.root / "UNITS" / name).exists() for name in names):
            return Done(1, "", "Unit file does not exist.")
        for name in names:
            link = self.root / "UNITS" / (persist.WANTED_BY[name] + ".wants") / name
            link.parent.mkdir(exist_ok=True)
            if argv[1] == "enable" and not os.path.lexists(link):
                link.symlink_to(self.root / "UNITS" / name)
            elif argv[1] == "disable" and os.path.lexists(link):
                link.unlink()
        self.active |= set(names) if argv[1] in ("start", "restart") else set()
        self.active -= set(names) if argv[1] in ("stop", "disable") else set()
        return Done(0)

    def files(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir())


@pytest.fixture
def disk(tmp_path, monkeypatch):
    for name in FOLDERS:
        (tmp_path / name).mkdir()
        monkeypatch.setattr(persist, name, str(tmp_path / name))
    for name, path in FILES.items():
        monkeypatch.setattr(persist, name, str(tmp_path / path))
    made = Disk(tmp_path)
    monkeypatch.setattr(persist, "run", made.run)
    return made


@pytest.mark.parametrize("text", [NFTABLES, IPTABLES], ids=["nftables", "iptables"])
def test_kept_it_is_in_order_and_removed_it_leaves_nothing(disk, text):
    assert (persist.kept(), persist.disorder()) == ("", False)
    persist.keep(text)
    assert (persist.kept(), persist.disorder()) == (text, False) and persist.FOLLOW in disk.active
    persist.remove()
    assert (persist.kept(), persist.disorder()) == ("", False) and disk.files() == [] and not disk.active


def other(path):
    def change(disk):
        (disk.root / path).write_text("of a former release")
    return change


def without(path):
    return lambda disk: (disk.root / path).unlink()


WRONG = {
    "the program is of another release": other("PROGRAMS/firewall_follow.py"),
    "the unit names another interpreter": other("UNITS/fleetnet-firewall-follow.service"),
    "the follower was stopped": lambda disk: disk.active.clear(),
    "it is not loaded at boot": without("UNITS/sysinit.target.wants/fleetnet-firewall.service"),
    "a unit was taken away": without("UNITS/fleetnet-firewall-follow.service"),
    "the rules were taken away": without(FILES["RULES"]),
    "the rules of the other back end lie there too": other(FILES["IPTABLES_RULES"]),
    "a program of the other back end lies there too": other("PROGRAMS/iptables_load.py"),
    "only a link is left": lambda disk: [(disk.root / path).unlink() for path in disk.files() if "wants/" not in path] and disk.active.clear(),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_in_order_is_seen_put_right_and_removed(disk, what):
    for way_out in (lambda: persist.keep(NFTABLES), persist.remove):
        persist.keep(NFTABLES)
        WRONG[what](disk)
        assert persist.disorder()
        way_out()
        assert not persist.disorder()
    assert disk.files() == [] and not disk.active


def test_the_way_to_another_back_end_leaves_nothing_of_the_first(disk):
    persist.keep(IPTABLES)
    persist.keep(NFTABLES)
    assert [path for path in disk.files() if "iptables" in path] == [] and not persist.disorder()


def test_what_does_not_fit_on_the_disk_leaves_what_was_there(disk, monkeypatch):
    persist.keep(NFTABLES)
    there = disk.files()
    monkeypatch.setattr(persist.os, "fsync", lambda handle: full())
    with pytest.raises(EnvironmentFault) as caught:
        persist.keep(NFTABLES + "# more\n")
    assert str(caught.value) == ("The rules cannot be written for the next boot: %s (No space left on device); make room, and run the task again."
                                 % (disk.root / FILES["RULES"]))
    assert disk.files() == there and persist.kept() == NFTABLES and not persist.disorder()


def full():
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_without_systemd_nothing_is_kept(disk):
    (disk.root / "SYSTEMD").rmdir()
    assert persist.kept() is None and not persist.disorder()
