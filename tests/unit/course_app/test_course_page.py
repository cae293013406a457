# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import re

import pymysql
import pytest

GOOD = {"course_name": "Databases", "course_id": "DB-101"}
GONE = pymysql.err.OperationalError(2003, "Can't connect to MySQL server")
LOST = pymysql.err.OperationalError(2013, "Lost connection")


def test_post_then_redirect_then_get(client, mysql):
    answer = client.post("/", data=GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?added=DB-101")
    page = client.get(answer.headers["Location"]).text
    assert mysql.rows == [("Databases", "DB-101")]
    assert "Stored: <strong>Databases</strong> (DB-101)" in page
    assert '<tr class="new"><th scope="row">Databases</th><td>DB-101</td></tr>' in page


def test_an_empty_list_says_so(client):
    assert "No course is stored yet" in client.get("/").text


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"course_name": " "}, "Please enter a course name."),
        ({"course_id": ""}, "Please enter a course id."),
        ({"course_name": "n" * 201}, "The course name has 201 characters; at most 200 fit."),
        ({"course_id": "i" * 33}, "The course id has 33 characters; at most 32 fit."),
        ({"course_id": "a\x00b"}, "The course id contains characters that are not text."),
    ],
)
def test_bad_input_is_explained_kept_and_not_stored(client, mysql, changes, message):
    typed = dict(GOOD, **changes)
    answer = client.post("/", data=typed)
    assert answer.status_code == 400
    assert message in answer.text
    assert "Nothing was stored" in answer.text
    assert mysql.rows == []
    for field, value in typed.items():
        assert 'name="%s" value="%s"' % (field, value) in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_bytes_that_are_not_utf8_are_refused(client, mysql):
    answer = client.post("/", data=b"course_name=%ff%fe&course_id=1", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "characters that are not text" in answer.text
    assert mysql.rows == []


def test_a_part_that_is_not_utf8_is_refused(client, mysql):
    part = b'--b\r\nContent-Disposition: form-data; name="course_%s"\r\n\r\n%s\r\n'
    body = part % (b"name", b"\xff\xfe") + part % (b"id", b"1") + b"--b--\r\n"
    answer = client.post("/", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 400
    assert "The course name contains characters that are not text." in answer.text
    assert mysql.rows == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/octet-stream"])
def test_what_is_not_a_form_is_refused(client, mysql, content_type):
    answer = client.post("/", data=b'{"course_name": "a", "course_id": "b"}', content_type=content_type)
    assert answer.status_code == 400
    assert "what was sent is not a form" in answer.text
    assert mysql.rows == []


def test_a_file_is_refused(client, mysql):
    answer = client.post("/", data={"course_name": (io.BytesIO(b"x"), "x.txt"), "course_id": "1"})
    assert answer.status_code == 400
    assert "The course name must be text, not a file." in answer.text
    assert mysql.rows == []


def test_a_flood_is_refused(client, mysql):
    answer = client.post("/", data=dict(GOOD, course_name="x" * 70000))
    assert answer.status_code == 413
    assert "far too long" in answer.text
    assert mysql.rows == []


def test_an_id_that_is_taken_is_explained(client, mysql):
    client.post("/", data=GOOD)
    answer = client.post("/", data=dict(GOOD, course_name="Other"))
    assert answer.status_code == 400
    assert "Another course already has this course id." in answer.text
    assert mysql.rows == [("Databases", "DB-101")]


def test_markup_is_shown_as_text(client):
    evil = "<script>alert(1)</script>"
    client.post("/", data={"course_name": evil, "course_id": '"><i>'})
    for page in (client.get("/").text, client.post("/", data={"course_name": evil, "course_id": ""}).text):
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '"><i>' not in page


def test_a_message_about_a_course_that_is_not_stored_cannot_be_made_up(client):
    assert "You won" not in client.get("/?added=You+won").text


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
    ],
)
def test_only_its_own_form_is_accepted(client, mysql, headers, status):
    answer = client.post("/", data=GOOD, headers=headers)
    assert answer.status_code == status
    assert len(mysql.rows) == (1 if status == 303 else 0)


def test_while_mysql_is_away_the_page_says_so(client, mysql):
    mysql.connect_error = GONE
    shown = client.get("/")
    assert shown.status_code == 200
    assert "The database is taking a short break" in shown.text
    assert "2003" not in shown.text
    stored = client.post("/", data=GOOD)
    assert (stored.status_code, stored.headers["Retry-After"]) == (503, "5")
    assert "The course was not stored" in stored.text
    assert 'value="DB-101"' in stored.text


def test_bad_input_is_explained_also_while_mysql_is_away(client, mysql):
    mysql.connect_error = GONE
    answer = client.post("/", data=dict(GOOD, course_id=""))
    assert answer.status_code == 400
    assert "Please enter a course id." in answer.text


def test_a_course_lost_on_the_way_is_called_uncertain(client, mysql):
    mysql.execute_error = LOST
    answer = client.post("/", data=GOOD)
    assert answer.status_code == 503
    assert "look at the list in a moment to see whether it is there" in answer.text


def test_healthz_tells_of_the_database_and_does_not_fail_with_it(client, mysql, clock):
    assert client.get("/healthz").json == {"status": "ok", "database": "up", "replica": "webapp1.1 on host1"}
    mysql.connect_error = GONE
    clock.now += 5
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["database"]) == (200, "away")


def test_the_page_is_self_contained_and_protected(client):
    answer = client.get("/")
    outside = re.findall(r'(?:src|href|action)="(?!/"|#|data:)([^"]*)"', answer.text)
    assert outside == []
    assert "url(" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_input_has_a_label_and_the_replica_is_shown(client):
    page = client.get("/").text
    for field in GOOD:
        assert '<label for="%s">' % field in page
        assert 'id="%s"' % field in page
    assert "<small>Served by webapp1.1 on host1</small>" in page


@pytest.mark.parametrize("method, path, status", [("GET", "/nowhere", 404), ("DELETE", "/", 405)])
def test_other_requests_get_a_plain_answer(client, method, path, status):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert "Content-Security-Policy" in answer.headers


def test_the_password_is_nowhere(client, mysql, password):
    mysql.connect_error = GONE
    for path in ("/", "/healthz"):
        answer = client.get(path)
        assert password not in answer.text + str(answer.headers)
