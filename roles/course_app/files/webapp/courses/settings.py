# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings, all from the environment. The password itself is never in it: only the name of its file."""

from __future__ import annotations

import os
import socket

from .store import Server


def number(environ, name, default):
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SystemExit("%s is %r, but it must be a port number from 1 to 65535" % (name, text))
    return int(text)


def server_from(environ=None):
    environ = os.environ if environ is None else environ
    return Server(
        host=environ.get("COURSE_APP_MYSQL_HOST", "mysql"),
        port=number(environ, "COURSE_APP_MYSQL_PORT", 3306),
        user=environ.get("COURSE_APP_MYSQL_USER", "course_app"),
        database=environ.get("COURSE_APP_MYSQL_DATABASE", "HandsOn"),
        password_file=environ.get("COURSE_APP_MYSQL_PASSWORD_FILE", "/run/secrets/course_app_mysql_password"),
    )


def replica_from(environ=None):
    return (os.environ if environ is None else environ).get("COURSE_APP_REPLICA") or socket.gethostname()
