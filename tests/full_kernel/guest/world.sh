#!/bin/sh
# world.sh ROOT PROJECT OUTPUT STORE: in new namespaces, makes ROOT the root directory and hands over to init.sh.
set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind -o ro "$2" "$root/project"
mount --bind "$3" "$root/output"
mount --bind "$4" "$root/store"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
cd "$root"
pivot_root . mnt
exec chroot . /bin/sh -c 'umount -l /mnt && exec /bin/sh /project/tests/full_kernel/guest/init.sh'
