# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the courses are kept. Every question to MySQL is answered, or given up, within a few seconds."""

from __future__ import annotations

import logging
import socket
import threading
import time
from typing import NamedTuple

import pymysql

LOG = logging.getLogger("courses")
DUPLICATE_KEY = 1062

LIST_COURSES = "SELECT course_name, course_id FROM course_details ORDER BY course_name, course_id"
ADD_COURSE = "INSERT INTO course_details (course_name, course_id) VALUES (%s, %s)"


class DatabaseAway(Exception):
    """MySQL cannot be asked now. `uncertain`: it may have carried out what it was asked before it went."""

    def __init__(self, reason, uncertain=False):
        super().__init__(reason)
        self.uncertain = uncertain


class CourseIdTaken(Exception):
    """Another course has this id."""


class Server(NamedTuple):
    host: str
    port: int
    user: str
    database: str
    password_file: str


class Patience(NamedTuple):
    """How long to wait, in seconds."""

    resolve: float = 1.0
    connect: float = 1.5
    answer: float = 3.0
    between_tries: float = 1.0


def read_password(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseAway("the password file %s cannot be read: %s" % (path, type(error).__name__)) from None


def resolve(host, port, patience):
    """The host's addresses. A name server that is slow must not make the page slow, hence the thread."""
    found = []

    def look_up():
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return
        found.extend(dict.fromkeys(answer[4][0] for answer in answers))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(patience)
    if not found:
        raise DatabaseAway("the name %s has no address now" % host)
    return list(found)


class CourseStore:
    """The courses in MySQL. After a failed try, the next one waits a moment, so that answers stay quick."""

    def __init__(self, server, patience=Patience(), connect=pymysql.connect, resolve=resolve, clock=time.monotonic):
        self._server = server
        self._patience = patience
        self._connect = connect
        self._resolve = resolve
        self._clock = clock
        self._away_until = 0.0
        self._reason = ""

    def courses(self):
        return self._ask(LIST_COURSES, (), lambda cursor: list(cursor.fetchall()))

    def add(self, course_name, course_id):
        self._ask(ADD_COURSE, (course_name, course_id), lambda cursor: None, changes=True)

    def state(self):
        try:
            self._ask("SELECT 1 FROM course_details LIMIT 1", (), lambda cursor: cursor.fetchall())
        except DatabaseAway:
            return "away"
        return "up"

    def _ask(self, sql, values, read, changes=False):
        connection = self._open()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return read(cursor)
        except pymysql.err.IntegrityError as error:
            if error.args and error.args[0] == DUPLICATE_KEY:
                raise CourseIdTaken from None
            raise
        except (pymysql.err.OperationalError, pymysql.err.InterfaceError, OSError) as error:
            raise self._away(error, uncertain=changes) from None
        except pymysql.err.ProgrammingError as error:
            # The table is not there yet: the server answers before the role has created it.
            raise self._away(error) from None
        finally:
            self._close(connection)

    def _open(self):
        if self._clock() < self._away_until:
            raise DatabaseAway(self._reason)
        server, patience = self._server, self._patience
        try:
            password = read_password(server.password_file)
            addresses = self._resolve(server.host, server.port, patience.resolve)
        except DatabaseAway as error:
            raise self._away(error) from None
        failure = None
        for address in addresses[:2]:
            try:
                return self._connect(
                    host=address,
                    port=server.port,
                    user=server.user,
                    password=password,
                    database=server.database,
                    charset="utf8mb4",
                    autocommit=True,
                    connect_timeout=patience.connect,
                    read_timeout=patience.answer,
                    write_timeout=patience.answer,
                )
            except (pymysql.err.MySQLError, OSError, RuntimeError) as error:
                failure = error
        raise self._away(failure) from None

    def _away(self, error, uncertain=False):
        reason = "%s: %s" % (type(error).__name__, error)
        if reason != self._reason or self._clock() > self._away_until + 30:
            LOG.warning("MySQL at %s:%s is away: %s", self._server.host, self._server.port, reason)
        self._reason = reason
        self._away_until = self._clock() + self._patience.between_tries
        return DatabaseAway(reason, uncertain)

    @staticmethod
    def _close(connection):
        try:
            connection.close()
        except (pymysql.err.Error, OSError) as error:
            LOG.debug("closing a lost connection: %s", error)
