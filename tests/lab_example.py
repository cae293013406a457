# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example on a running lab, looked at past its page: where its parts run, and what MySQL itself says.

LAB_NAME names the lab.
"""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ASK = Path(__file__).resolve().parents[1] / "roles" / "course_app" / "files" / "ask_database.sh"
PASSWORD_FILE = "/run/secrets/course_app_mysql_password"


def docker(*arguments, **options):
    done = subprocess.run(("docker",) + arguments, capture_output=True, text=True, timeout=60, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lab_containers(part):
    """[(the lab's host, the container in it)] of those that run this part of the app."""
    lab = os.environ.get("LAB_NAME") or "fleetnet"
    hosts = docker("ps", "--quiet", "--filter", "label=fleetnet.lab=" + lab, "--filter", "name=-host").split()
    found = [(host, name) for host in hosts
             for name in docker("exec", host, "docker", "ps", "--quiet", "--filter", "label=fleetnet.part=" + part).split()]
    if not found:
        pytest.fail("no host of the lab %s runs the app (%s): run ./dev demo first, or set COURSE_APP_URL and LAB_NAME." % (lab, part))
    return found


def page_of(host):
    lines = docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}", host)
    return "http://%s:8001/" % lines.split()[0]


class MySQL:
    """The lab's MySQL, reached through the engines, not through the page."""

    def __init__(self):
        self.host, self.container = lab_containers("mysql")[0]

    def ask(self, sql):
        inside = ("exec", "--interactive", self.host, "docker", "exec", "--interactive", self.container)
        return docker(*inside, "sh", "-s", "HandsOn", PASSWORD_FILE, sql, input=ASK.read_text(encoding="utf-8")).splitlines()

    def kill(self):
        docker("exec", self.host, "docker", "kill", self.container)
