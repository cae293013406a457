#!/bin/sh
# First process of user-mode Linux: the rest of it comes with the project, so that a change there needs no new image.
export PATH=/usr/sbin:/usr/bin
mount -t proc proc /proc
mount -t hostfs -o "$FLEETNET_PROJECT" none /project
exec /bin/sh /project/tests/full_kernel/guest/init.sh
