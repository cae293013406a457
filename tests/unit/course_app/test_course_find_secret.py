# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search that the scenarios trust: it must see a secret however it is written."""
from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

SEARCH = Path(__file__).resolve().parents[3] / "molecule" / "course_app" / "find_secret.py"
SECRET = "abcdefghijklmnopqrstuvwx\"$'#\\"
SHOWN = {
    "as it is": SECRET,
    "in what docker inspect prints": json.dumps({"Labels": {"password": SECRET}}),
    "in JSON inside JSON": json.dumps({"stdout": json.dumps({"password": SECRET})}),
    "in a shell's quotes": "'%s'" % SECRET.replace("'", "'\"'\"'"),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "without its end": SECRET[:24],
}


def search(tmp_path, content, secret=SECRET):
    place = tmp_path / "log"
    place.write_text("before %s after" % content, encoding="utf-8")
    return subprocess.run([sys.executable, str(SEARCH), str(place)], input=secret, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("way", SHOWN)
def test_it_is_seen(way, tmp_path):
    assert search(tmp_path, SHOWN[way]).stdout.strip() == str(tmp_path / "log")


def test_what_is_not_there_is_not_seen(tmp_path):
    assert search(tmp_path, SECRET[:20]).stdout.strip() == "nowhere"


def test_a_secret_that_is_too_short_to_be_known_again_is_refused(tmp_path):
    done = search(tmp_path, "tooshort", "tooshort")
    assert done.returncode != 0 and "24 characters" in done.stderr
