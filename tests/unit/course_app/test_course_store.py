# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import courses.store
import pymysql
import pytest
from courses.store import ADD_COURSE, CourseIdTaken, DatabaseAway, resolve

GONE = pymysql.err.OperationalError(2003, "Can't connect to MySQL server")
LOST = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")


def test_values_travel_beside_the_statement_never_in_it(store, mysql):
    store.add("'; DROP TABLE course_details; --", "x")
    assert mysql.statements == [(ADD_COURSE, ("'; DROP TABLE course_details; --", "x"))]


def test_what_was_added_is_listed(store):
    store.add("Databases", "DB-101")
    assert store.courses() == [("Databases", "DB-101")]
    assert store.state() == "up"


def test_an_id_is_taken_once(store):
    store.add("Databases", "DB-101")
    with pytest.raises(CourseIdTaken):
        store.add("Other", "DB-101")


def test_the_password_comes_from_the_file_each_time(store, mysql, password_file, password):
    store.courses()
    password_file.write_text("another", encoding="utf-8")
    store.courses()
    assert [options["password"] for options in mysql.connections] == [password, "another"]


def test_a_missing_password_file_is_named(store, password_file, mysql):
    password_file.unlink()
    with pytest.raises(DatabaseAway, match="password file .* cannot be read: FileNotFoundError"):
        store.courses()
    assert mysql.connections == []


def test_waits_are_short(store, mysql):
    store.courses()
    options = mysql.connections[0]
    assert max(options["connect_timeout"], options["read_timeout"], options["write_timeout"]) <= 3


def test_while_away_the_next_try_waits_and_then_it_recovers(store, mysql, clock):
    mysql.connect_error = GONE
    for _once in range(3):
        with pytest.raises(DatabaseAway) as caught:
            store.add("Databases", "DB-101")
        assert not caught.value.uncertain
    assert len(mysql.connections) == 1
    mysql.connect_error = None
    clock.now += 1.5
    assert store.courses() == []


@pytest.mark.parametrize("error", [LOST, pymysql.err.InterfaceError(0, ""), ConnectionResetError()])
def test_lost_while_storing_is_uncertain_but_lost_while_reading_is_not(store, mysql, clock, error):
    mysql.execute_error = error
    with pytest.raises(DatabaseAway) as caught:
        store.add("Databases", "DB-101")
    assert caught.value.uncertain
    clock.now += 1.5
    with pytest.raises(DatabaseAway) as caught:
        store.courses()
    assert not caught.value.uncertain


def test_a_table_that_is_not_there_yet_counts_as_away(store, mysql):
    mysql.execute_error = pymysql.err.ProgrammingError(1146, "Table 'HandsOn.course_details' doesn't exist")
    assert store.state() == "away"


def test_the_reason_is_logged_once_and_without_the_password(store, mysql, clock, caplog, password):
    mysql.connect_error = GONE
    for _once in range(4):
        assert store.state() == "away"
        clock.now += 1.5
    assert len(caplog.records) == 1
    assert "mysql:3306 is away" in caplog.text
    assert password not in caplog.text


def test_a_name_server_that_hangs_does_not_hang_the_page(monkeypatch):
    monkeypatch.setattr(courses.store.socket, "getaddrinfo", lambda *asked, **options: time.sleep(5) or [])
    began = time.monotonic()
    with pytest.raises(DatabaseAway, match="the name mysql has no address now"):
        resolve("mysql", 3306, patience=0.05)
    assert time.monotonic() - began < 1


def test_an_address_resolves_to_itself():
    assert resolve("127.0.0.1", 3306, patience=5) == ["127.0.0.1"]
