/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hugepages by the book. Free pages of the machine are used first; what is missing is added to the kernel's
 * pool (nr_hugepages, of the NUMA node that the packets are to be on), and given back when the run ends. Each
 * user gets a hugetlbfs of its own, of a limited size whose pages are reserved for it when it is mounted: so
 * one that is up cannot run out of them, whatever else the machine does.
 *
 * Runs beside each other agree through a lock on the pools, whatever their state directories. Failures: 0 or
 * -errno with err, which says how many pages there were and how many were wanted.
 */
#ifndef LB_TESTBED_HOST_HUGEPAGES_H
#define LB_TESTBED_HOST_HUGEPAGES_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "util/error.h"

struct hugepages_mount {
	int entry;          /* ledger number, 0 = none */
	char path[108];     /* its mount point, a directory made for it */
	uint32_t page_kb;
	uint32_t megabytes; /* its limit: what was asked, rounded up to whole pages */
};

/* Sizes that this kernel offers, in KB, smallest first. Returns how many (at most max). */
unsigned hugepages_sizes(uint32_t *page_kb, unsigned max);

/*
 * Mount a hugetlbfs of pages of page_kb KB at `path`, which is made (mode 0700) and belongs to `owner`, as
 * does the file system's root; it lies in the run's directory, which is removed with the ledger. node: NUMA
 * node that the pages should be on, -1 = any; where that node is short of them, those of others do. -ENOMEM
 * where the pages cannot be had: then nothing has changed (what was added is given back). -EPERM without
 * root.
 */
int hugepages_mount(struct hugepages_mount *mount, const char *path, uint32_t page_kb, uint32_t megabytes,
		    int node, uid_t owner, struct ledger *ledger, struct error *err);
/* Unmount it; its pages stay in the pool for the run's next one. Safe on a zeroed one. */
int hugepages_unmount(struct hugepages_mount *mount, struct ledger *ledger, struct error *err);

/*
 * Subject: path of the pool's nr_hugepages. Detail "N": N pages of the pool are this run's; "N from M": the
 * run was about to have N more than the M that there were, and nothing but the pool itself tells how many
 * came of it. Undo: give them back.
 *
 * Never takes pages that are in use: the kernel lets the pool shrink when they are free. Waits for that, up
 * to a second, since what was killed a moment ago takes a moment to be gone.
 */
extern const struct ledger_kind hugepages_kind;

/* Can this process add to the pools? 0, or -errno with cause and remedy. Changes nothing. */
int hugepages_probe(uint32_t page_kb, struct error *err);

/*
 * For doctor and records: [{page_kb, total, free, reserved, unbroken}, ...] of the machine; unbroken: how
 * many pages the free memory has in one piece each, so that they could be added at once; null where the
 * kernel does not tell (of pages larger than the pieces that it keeps lists of). New reference.
 */
json_t *hugepages_describe(void);

#endif
