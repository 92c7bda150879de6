/* SPDX-License-Identifier: Apache-2.0 */
#include "system/filter.h"

#include <errno.h>
#include <linux/memfd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* EPERM: as if a capability were missing, which all programs are ready for. */
static const int refused[] = {
	/* namespaces and mounts; with a user namespace comes a full set of capabilities in it */
	SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount),
	SCMP_SYS(fspick), SCMP_SYS(mount_setattr), SCMP_SYS(name_to_handle_at), SCMP_SYS(open_by_handle_at),
	/* other processes */
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer stops the threads of the process that it is in by it */
	SCMP_SYS(ptrace),
#endif
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
	SCMP_SYS(kcmp), SCMP_SYS(pidfd_getfd),
	/* large parts of the kernel */
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(keyctl), SCMP_SYS(quotactl), SCMP_SYS(fanotify_init), SCMP_SYS(lookup_dcookie),
	/* the machine */
	SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct),
	SCMP_SYS(syslog), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex),
	SCMP_SYS(clock_adjtime), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(vhangup),
};

/* ENOSYS: as if the kernel were older. What clone3 is asked for is in memory, where a filter cannot look. */
static const int unknown[] = {
	SCMP_SYS(clone3), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
};

static const unsigned namespaces[] = {
	CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
};

static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET };

/* Refuse a call one of whose arguments has all bits of `flags`. */
static int refuse_flags(scmp_filter_ctx filter, int call, unsigned argument, unsigned flags)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
				SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, flags, flags));
}

/* All families but those of the list, which is in order: what lies between two of them. */
static int refuse_families(scmp_filter_ctx filter)
{
	int rc = 0;

	for (int family = 0; family < AF_MAX && !rc; family++) {
		bool allowed = false;

		for (size_t i = 0; i < COUNT(families); i++)
			allowed |= families[i] == family;
		if (!allowed)
			rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
					      SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT32_MAX, (unsigned)family));
	}
	if (!rc)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				      SCMP_CMP(0, SCMP_CMP_GE, AF_MAX));
	return rc;
}

static int add_rules(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; i < COUNT(refused) && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	for (size_t i = 0; i < COUNT(unknown) && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), unknown[i], 0);
	for (size_t i = 0; i < COUNT(namespaces) && !rc; i++)
		rc = refuse_flags(filter, SCMP_SYS(clone), 0, namespaces[i]);
	rc = rc ? rc : refuse_flags(filter, SCMP_SYS(mmap), 3, MAP_HUGETLB);
	rc = rc ? rc : refuse_flags(filter, SCMP_SYS(memfd_create), 1, MFD_HUGETLB);
	rc = rc ? rc : refuse_flags(filter, SCMP_SYS(shmget), 2, SHM_HUGETLB);
	return rc ? rc : refuse_families(filter);
}

int filter_load(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter ? add_rules(filter) : -ENOMEM;

	rc = rc ? rc : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	rc = rc ? rc : seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}
