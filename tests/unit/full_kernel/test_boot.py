# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a guest is chosen, watched and ended; the guest itself is tried by ./dev test-kernel."""
from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import time
import xml.etree.ElementTree as xml

import pytest

BOOT = pathlib.Path(__file__).resolve().parents[2] / "full_kernel" / "guest" / "boot.py"


@pytest.fixture
def boot(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("boot", str(BOOT))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.images, "CACHE", tmp_path)
    monkeypatch.setattr(module, "JUNIT", tmp_path / "junit")
    monkeypatch.delenv("FLEETNET_GUEST", raising=False)
    return module


def runs(pid):
    try:
        return pathlib.Path("/proc/%d/stat" % pid).read_text(encoding="ascii").split(") ")[1][0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_guest_that_hangs_is_ended_with_all_that_it_started(boot, tmp_path, capsys):
    script = "sleep 60 & echo $! > %s; echo booting; wait" % (tmp_path / "child")
    started = time.monotonic()
    with pytest.raises(boot.images.Failure, match="did not finish within 0.5 s and was ended"):
        boot.attempt(lambda *_: (["sh", "-c", script], dict(os.environ)), tmp_path, "test", tmp_path, "", 0.5)
    assert time.monotonic() - started < 5
    assert "booting" in capsys.readouterr().out
    for _attempt in range(50):
        if not runs(int((tmp_path / "child").read_text(encoding="ascii"))):
            break
        time.sleep(0.1)
    else:
        pytest.fail("what the guest started still runs")


def test_a_guest_that_ends_without_a_result_is_a_failure(boot, tmp_path):
    (tmp_path / "exit").write_text("0", encoding="ascii")
    with pytest.raises(boot.images.Failure, match="ended without a result"):
        boot.attempt(lambda *_: (["true"], dict(os.environ)), tmp_path, "test", tmp_path, "", 10)


def test_the_exit_code_is_the_guests(boot, tmp_path):
    script = "echo 3 > %s" % (tmp_path / "exit")
    assert boot.attempt(lambda *_: (["sh", "-c", script], dict(os.environ)), tmp_path, "test", tmp_path, "", 10) == 3


def test_where_the_kernel_has_everything_it_is_used(boot, monkeypatch):
    monkeypatch.setattr(boot.machine, "lacks", lambda feature: "")
    assert boot.choose() == (boot.world, "")


def test_without_the_package_the_run_is_skipped_and_says_why(boot, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(boot.machine, "lacks", lambda feature: "kernel 6.0 has no " + feature)
    monkeypatch.setattr(boot.shutil, "which", lambda name: None)
    assert boot.main("short", []) == 0
    told = capsys.readouterr().out
    assert "kernel 6.0 has no ip_vs" in told
    assert "test-kernel: skipped: user-mode-linux is not installed and cannot be had from this distribution's packages." in told
    suite = xml.parse(str(tmp_path / "junit" / "kernel.xml")).getroot()[0]
    assert suite.get("skipped") == "1" and "user-mode-linux" in suite[0][0].get("message")


def test_without_the_package_what_the_kernel_can_is_run_all_the_same(boot, monkeypatch, capsys):
    monkeypatch.setattr(boot.machine, "lacks", lambda feature: "kernel 6.0 has no ip_vs" if feature == "ip_vs" else "")
    monkeypatch.setattr(boot.shutil, "which", lambda name: None)
    assert boot.choose() == (boot.world, "")
    told = capsys.readouterr().out
    assert "kernel 6.0 has no ip_vs" in told and "those that need what it lacks are skipped: user-mode-linux is not installed" in told
    monkeypatch.setenv("FLEETNET_GUEST", "uml")
    assert boot.choose()[0] is None


def test_each_kind_of_thing_is_kept_once_and_half_made_ones_go(boot, monkeypatch, tmp_path):
    monkeypatch.setattr(boot.guest, "PLACE", tmp_path)
    for name in ("root-old", "root-new.half"):
        (tmp_path / name).mkdir()
    (tmp_path / "disk-other").write_text("", encoding="ascii")
    made = boot.guest.finished(tmp_path / "root-new", lambda half: half.mkdir())
    assert made.is_dir() and sorted(path.name for path in tmp_path.iterdir()) == ["disk-other", "root-new"]
    assert boot.guest.finished(made, lambda half: pytest.fail("made again")) == made


@pytest.mark.parametrize("cores,memory,guests", [(2, 16 << 30, 2), (1, 16 << 30, 1), (2, 4 << 30, 1)])
def test_two_guests_where_there_are_two_processors_and_room(boot, monkeypatch, cores, memory, guests):
    monkeypatch.setattr(boot.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(boot.os, "sysconf", {"SC_AVPHYS_PAGES": memory >> 12, "SC_PAGE_SIZE": 4096}.get)
    found = boot.shares(boot.user_mode_linux, [])
    assert len(found) == guests
    if guests == 2:
        whole = sorted("tests/full_kernel/" + path.name for path in BOOT.parents[1].glob("test_*.py"))
        assert sorted(found[0] + found[1]) == whole and len(found[0]) == 1
    assert boot.shares(boot.world, []) == [["tests/full_kernel"]]
    assert boot.shares(boot.user_mode_linux, ["-k", "vlan"]) == [["-k", "vlan"]]


def two_guests(boot, monkeypatch, tmp_path, attempt):
    (tmp_path / "logs").mkdir()
    for name, value in {"choose": lambda: (boot.user_mode_linux, ""), "filled": lambda *_: tmp_path / "disk", "attempt": attempt,
                        "shares": lambda *_: [["first"], ["second"]]}.items():
        monkeypatch.setattr(boot, name, value)
    monkeypatch.setattr(boot.guest, "ensure", lambda: (tmp_path, tmp_path))


@pytest.mark.parametrize("codes", [(0, 0), (0, 1), (5, 0)])
def test_two_guests_give_one_result(boot, monkeypatch, tmp_path, codes):
    def attempt(make, root, task, output, disk, limit, number):
        (output / "junit.xml").write_text('<testsuites><testsuite name="%d"/></testsuites>' % number, encoding="utf-8")
        (output / "dockerd.log").write_text("", encoding="utf-8")
        return codes[number]

    two_guests(boot, monkeypatch, tmp_path, attempt)
    assert boot.main("whole", []) == max(codes)
    assert [suite.get("name") for suite in xml.parse(str(tmp_path / "junit" / "kernel.xml")).getroot()] == ["0", "1"]
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["kernel-1dockerd.log", "kernel-dockerd.log"]


@pytest.mark.parametrize("hung", [0, 1])
def test_a_guest_that_hangs_takes_nobody_elses_result_away(boot, monkeypatch, tmp_path, capsys, hung):
    def attempt(make, root, task, output, disk, limit, number):
        if number == hung:
            raise boot.images.Failure("the guest did not finish within 5 s and was ended")
        (output / "junit.xml").write_text('<testsuites><testsuite name="%d"/></testsuites>' % number, encoding="utf-8")
        return 0

    two_guests(boot, monkeypatch, tmp_path, attempt)
    assert boot.main("whole", []) == 1
    suites = xml.parse(str(tmp_path / "junit" / "kernel.xml")).getroot()
    assert suites[1 - hung].get("name") == str(1 - hung) and suites[hung].get("failures") == "1"
    case = suites[hung][0]
    assert case.get("name") == "guest %d (%s)" % (hung, ("first", "second")[hung])
    assert case[0].get("message") == "the guest did not finish within 5 s and was ended"
    assert "test-kernel: guest %d" % hung in capsys.readouterr().out
