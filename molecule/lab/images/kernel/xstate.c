/* Copyright (c) 2026, fleetnet.docker contributors
 * GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded into user-mode Linux. Its buffer for a process' registers has a fixed size, and the machine's kernel takes
 * the registers back only whole: on processors with more of them (AMX) it would end at its first step. Here the part
 * that it knows is laid over the whole. No header is needed, so that the smallest compiler will do. */

#define GETREGSET 0x4204
#define SETREGSET 0x4205
#define XSTATE 0x202
#define LARGEST 65536

struct part { void *base; unsigned long size; };

extern long syscall(long, ...);
extern void *memcpy(void *, const void *, unsigned long);
#define PTRACE_CALL 101

static char whole[LARGEST];

static long raw(long request, long pid, void *address, void *data) { return syscall(PTRACE_CALL, request, pid, address, data); }

long ptrace(long request, long pid, void *address, void *data)
{
    struct part *given = data, all = { whole, LARGEST };
    /* As the C library does it: what a peek returns is the word itself. */
    if (request >= 1 && request <= 3) {
        long word = 0;
        long code = raw(request, pid, address, &word);
        return code < 0 ? code : word;
    }
    if (request != SETREGSET || (long) address != XSTATE)
        return raw(request, pid, address, data);
    if (raw(GETREGSET, pid, address, &all) < 0)
        return -1;
    if (given->size < all.size) {
        memcpy(whole, given->base, given->size);
        return raw(SETREGSET, pid, address, &all);
    }
    return raw(request, pid, address, data);
}
