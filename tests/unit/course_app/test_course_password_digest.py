# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The label on MySQL's volume tells one password from another, and is of no use to who guesses."""
from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "roles" / "course_app" / "files" / "password_digest.py"
VOLUME, PASSWORD = "course_app_mysql_data", "a\"b$c'd#e\\f"
FORMER = hashlib.sha512(("%s:%s" % (VOLUME, PASSWORD)).encode()).hexdigest()


def loaded():
    spec = importlib.util.spec_from_file_location("password_digest", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digest():
    """The script at a cost that tests can pay many times."""
    module = loaded()
    module.COST = dict(module.COST, n=2**4)
    return module


@pytest.fixture(scope="module")
def label(digest):
    return digest.answer(VOLUME, PASSWORD, [])["label"]


def test_the_password_is_known_again_by_its_label(digest, label):
    assert digest.answer(VOLUME, PASSWORD, [label])["known"]


def test_another_password_is_told_apart(digest, label):
    assert not digest.answer(VOLUME, PASSWORD + "x", [label])["known"]
    assert not digest.answer(VOLUME, PASSWORD, [label, digest.answer(VOLUME, "another-one", [])["label"]])["known"]


def test_no_label_is_like_another(digest, label):
    assert digest.answer(VOLUME, PASSWORD, [])["label"] != label


def test_volumes_of_former_versions_are_known_by_their_plain_digest(digest):
    assert digest.answer(VOLUME, PASSWORD, [FORMER])["known"]
    assert not digest.answer(VOLUME, "another-one", [FORMER])["known"]
    assert digest.answer(VOLUME, PASSWORD, [FORMER])["label"] != FORMER


@pytest.mark.parametrize("unreadable", ["", "scrypt$", "scrypt$xyz$00", "scrypt$00", "md5$00$00"])
def test_a_label_that_nobody_can_read_is_not_this_password(digest, unreadable):
    assert not digest.answer(VOLUME, PASSWORD, [unreadable])["known"]


def test_a_guess_costs_memory():
    cost = loaded().COST
    assert cost["n"] * cost["r"] * 128 >= 32 * 2**20


def test_the_role_asks_it_through_a_pipe():
    label = loaded().answer(VOLUME, PASSWORD, [])["label"]
    question = json.dumps({"volume": VOLUME, "given": PASSWORD, "file": "/nowhere/password", "labels": [label, FORMER]})
    done = subprocess.run([sys.executable, "-c", SCRIPT.read_text(encoding="utf-8")], input=question + "\n", capture_output=True, text=True,
                          timeout=60, check=True)
    assert json.loads(done.stdout)["known"] and PASSWORD not in done.stdout


def test_one_that_is_remembered_is_used_where_none_is_given(digest, label, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    told = digest.reply(VOLUME, "", str(file), [label])
    assert (told["known"], told["remembered"], told["made"]) == (True, PASSWORD, "")
    assert not digest.reply(VOLUME, "another-one", str(file), [label])["known"]


def test_one_is_made_where_there_is_none(digest, tmp_path):
    told = digest.reply(VOLUME, "", str(tmp_path / "password"), [])
    assert told["remembered"] == "" and re.fullmatch("[A-Za-z0-9]{32}", told["made"])
    assert digest.answer(VOLUME, told["made"], [told["label"]])["known"]
    assert digest.reply(VOLUME, "", str(tmp_path / "password"), [])["made"] != told["made"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own the directory")
@pytest.mark.parametrize(("mode", "private"), [(0o700, True), (0o755, False), (0o710, False)])
def test_a_directory_that_others_can_enter_is_told(digest, tmp_path, mode, private):
    tmp_path.chmod(mode)
    assert digest.reply(VOLUME, PASSWORD, str(tmp_path / "password"), [])["is_private"] is private


def test_a_directory_that_is_not_there_is_not_private(digest, tmp_path):
    assert digest.reply(VOLUME, PASSWORD, str(tmp_path / "none" / "password"), [])["is_private"] is False
