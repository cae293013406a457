#!/bin/sh
# Runs the tests that /output/arguments names, one argument a line.
set -u
. "$guest/services.sh"
start_services || exit 1
ANSIBLE_COLLECTIONS_PATH=$(echo /project/.venv/collections /project/.venv/lib/python3*/site-packages | tr " " :)
export ANSIBLE_COLLECTIONS_PATH ANSIBLE_PIPELINING=1 ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_INVENTORY_UNPARSED_WARNING=0
cd /project || exit 1
xargs --arg-file=/output/arguments --delimiter='\n' \
    python3 -B -m pytest -c tests/pytest.ini --rootdir=tests -p no:cacheprovider -v --junitxml=/output/junit.xml
result=$?
stop_engine
exit "$result"
