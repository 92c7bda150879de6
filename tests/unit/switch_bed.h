/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of switches with vhost-user ports have in common: a switch with its ports, as the testbed would have
 * it but without containers, and what loads it (switch_load.c). Memory without hugepages, so that these
 * tests run everywhere.
 */
#ifndef LB_TESTS_SWITCH_BED_H
#define LB_TESTS_SWITCH_BED_H

#include <stdint.h>
#include <sys/types.h>

#include "testbed/host/hugepages.h"
#include "ledger/ledger.h"
#include "system/process.h"
#include "testbed/switch/switch.h"

#define PORTS_MAX 10

struct bed {
	const struct switch_ops *ops;
	struct ledger *ledger;
	struct vswitch *sw;
	struct switch_spec spec;
	struct switch_port port[PORTS_MAX];
	int processors[PORTS_MAX], load_processor;
	char directory[256];
	int log;
	int netns;
};

struct load {
	struct process process;
	unsigned long sent, received, wrong;
};

/* Of the ports: nobody's, where we may give things away; else our own. */
uid_t owner(void);

/* For the group of tests: a state directory of their own, which must be gone (0) at the end. */
int beds_open(void);
int beds_close(void);

/* Skips the test where the switch does not run here. */
void bed_make(struct bed *bed, const char *name, unsigned ports, unsigned threads);
/*
 * Between bed_make and bed_start: memory in a mount whose limit is what the switch asked for. Skips the test where
 * there are no hugepages. bed_remove_mounted is then the end, in which nothing may keep the mount.
 */
void bed_mount(struct bed *bed, struct hugepages_mount *mount);
void bed_remove_mounted(struct bed *bed, struct hugepages_mount *mount);
int bed_start(struct bed *bed, struct error *err);
void bed_must_start(struct bed *bed);
void bed_remove(struct bed *bed);
uint64_t bed_dropped(struct bed *bed);

/*
 * A process of the switch's: it has these capabilities and no way to gain others. Where we are root, it is not, sees
 * no files of root's, and can write nowhere but in the switch's directory and memory, and in a /tmp of its own.
 */
void bed_check_confined(const struct bed *bed, pid_t pid, unsigned long long capabilities);

/* Where the endpoints make the sockets: let the switch connect until all ports forward (0), or it fails. */
int bed_connect(struct bed *bed, struct error *err);

/* Only start it: it opens the ports. */
void load_begin(struct load *load, struct bed *bed, unsigned pair, const char *count, const char *size,
		const char *mode);
/* Let it send, and get its numbers; it holds the ports until load_end. */
void load_go(struct load *load);
/* All of it, where it is the only one. */
void load_start(struct load *load, struct bed *bed, unsigned pair, const char *count, const char *size,
		const char *mode);
void load_end(struct load *load, struct bed *bed);

#endif
