# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from pathlib import Path

import pymysql
import pytest

WEBAPP = Path(__file__).resolve().parents[3] / "roles" / "course_app" / "files" / "webapp"
sys.path.insert(0, str(WEBAPP))

from courses import create_app
from courses.store import ADD_COURSE, CourseStore, Server

PASSWORD = "a-password-nobody-may-see"


class FakeMySQL:
    """In place of a connection to MySQL: remembers rows and statements, and fails when told to."""

    def __init__(self):
        self.rows = []
        self.statements = []
        self.connections = []
        self.connect_error = None
        self.execute_error = None

    def connect(self, **options):
        self.connections.append(options)
        fail_with(self.connect_error)
        return FakeConnection(self)


def fail_with(error):
    if isinstance(error, Exception):
        raise error


class FakeConnection:
    def __init__(self, server):
        self.server = server
        self.answer = []

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def execute(self, sql, values):
        self.server.statements.append((sql, values))
        fail_with(self.server.execute_error)
        if sql == ADD_COURSE:
            if any(row[1] == values[1] for row in self.server.rows):
                raise pymysql.err.IntegrityError(1062, "Duplicate entry")
            self.server.rows.append(tuple(values))
        self.answer = sorted(self.server.rows)

    def fetchall(self):
        return self.answer

    def close(self):
        return None


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def password():
    return PASSWORD


@pytest.fixture
def mysql():
    return FakeMySQL()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


@pytest.fixture
def store(mysql, clock, password_file):
    server = Server("mysql", 3306, "course_app", "HandsOn", str(password_file))
    return CourseStore(server, connect=mysql.connect, resolve=lambda *asked: ["192.0.2.10"], clock=clock)


@pytest.fixture
def client(store):
    return create_app(store, replica="webapp1.1 on host1").test_client()
