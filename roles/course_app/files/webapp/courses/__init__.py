# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page to enter courses and to see the ones that are stored."""

from __future__ import annotations

import os
from typing import NamedTuple

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from . import checks, origin, settings
from .store import CourseIdTaken, CourseStore, DatabaseAway

LARGEST_BODY = 64 * 1024
NOT_A_FORM = "Please use the form on this page: what was sent is not a form."
FOREIGN_FORM = "This came from another site, so nothing was stored. Please use the form below."
NOT_TEXT = "What was sent contains characters that are not text, so nothing was stored. Please type it again."
TOO_LARGE = "What was sent is far too long, so nothing was stored."
ID_TAKEN = "Another course already has this course id. Please choose a different one."
NOT_STORED = "The course was not stored, because the database is taking a short break. Please try again in a moment."
NOT_CERTAIN = (
    "The database went away while the course was being stored. Please look at the list in a moment "
    "to see whether it is there, before you try again."
)


class View(NamedTuple):
    """What one answer shows besides the list."""

    status: int = 200
    notice: str = ""
    typed: dict = {}
    errors: dict = {}
    added_id: str = ""


def create_app(store=None, replica=None):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    store = store or CourseStore(settings.server_from())
    replica = replica or settings.replica_from()
    with open(os.path.join(app.root_path, "templates", "page.css"), encoding="utf-8") as stream:
        stylesheet = stream.read()
    policy = origin.content_security_policy(stylesheet)

    def page(view):
        try:
            courses, away = store.courses(), False
        except DatabaseAway:
            courses, away = [], True
        html = render_template(
            "page.html",
            view=view,
            courses=courses,
            away=away,
            added=next((course for course in courses if course[1] == view.added_id), None),
            fields=checks.FIELDS,
            stylesheet=stylesheet,
            replica=replica,
        )
        return Response(html, status=view.status, mimetype="text/html")

    @app.get("/")
    def show():
        return page(View(added_id=request.args.get("added", "")))

    @app.post("/")
    def add():
        if not origin.is_same_origin(request.headers):
            return page(View(403, FOREIGN_FORM))
        if request.mimetype not in checks.FORM_TYPES:
            return page(View(400, NOT_A_FORM))
        if not checks.is_utf8_form(request.mimetype, request.get_data(parse_form_data=False)):
            return page(View(400, NOT_TEXT))
        submission = checks.check(request.form, request.files)
        if submission.errors:
            return page(View(400, typed=submission.typed, errors=submission.errors))
        values = submission.values
        try:
            store.add(values["course_name"], values["course_id"])
        except CourseIdTaken:
            return page(View(400, typed=submission.typed, errors={"course_id": ID_TAKEN}))
        except DatabaseAway as error:
            answer = page(View(503, NOT_CERTAIN if error.uncertain else NOT_STORED, submission.typed))
            answer.headers["Retry-After"] = "5"
            return answer
        return redirect(url_for("show", added=values["course_id"]), code=303)

    @app.get("/healthz")
    def healthz():
        return jsonify(status="ok", database=store.state(), replica=replica)

    @app.errorhandler(HTTPException)
    def explain(error):
        if error.code == 413:
            return page(View(413, TOO_LARGE))
        return Response("%s %s\n" % (error.code, error.name), status=error.code, mimetype="text/plain")

    @app.after_request
    def protect(answer):
        answer.headers.update(origin.FIXED_HEADERS)
        answer.headers["Content-Security-Policy"] = policy
        return answer

    return app
