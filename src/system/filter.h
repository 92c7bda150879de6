/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls a program that handles packets may make: all, but for those by which it would leave what it
 * was put into, or reach parts of the kernel that it has no use for.
 */
#ifndef LB_SYSTEM_FILTER_H
#define LB_SYSTEM_FILTER_H

/*
 * For the calling process and what it starts, for ever; it must have no_new_privs. Refused are namespaces and mounts,
 * other processes' memory, hugepages but from a hugetlbfs that it was given, sockets other than local, IP, packet and
 * netlink ones, io_uring, userfaultfd, BPF, keys, performance counters, and what changes the machine. 0 or -errno.
 */
int filter_load(void);

#endif
