/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which thread runs where. Uses hwloc's view of the machine, within what this process may use (its
 * affinity) and what the user allows (parameter processors).
 *
 * Choice: whole cores first, in one NUMA node if they suffice, siblings left idle; then siblings. Among
 * whole cores and among siblings, those of the machine's first core (interrupts, lanebench itself) are used
 * last. The two ends of a pair get neighbouring cores. Isolated processors (isolcpus), where there are any,
 * are preferred. Each thread has a processor of its own where there are enough; where there are not, switch
 * threads keep theirs, endpoints share the rest, and the placement is `oversubscribed`.
 *
 * Runs beside each other, whoever started them, know of each other's processors by their claims (claims.h): a
 * run takes those that no other run claims; where there are too few it shares, and says `contended`.
 */
#ifndef LB_TESTBED_HOST_PROCESSORS_H
#define LB_TESTBED_HOST_PROCESSORS_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/ledger.h"
#include "util/error.h"

#define PROCESSORS_MAX 1024

struct processors; /* the machine's processors, and those that this run claims */

/*
 * `allowed`: the user's list (util/list.h), or "auto". -EINVAL where it names processors that this process
 * cannot use. An affinity of all but the isolated processors is the kernel's default: these are then
 * usable, too.
 */
int processors_open(struct processors **processors, const char *allowed, struct error *err);
void processors_close(struct processors *processors); /* NULL allowed */

struct placement {
	int *endpoint;           /* processor of each endpoint */
	bool *endpoint_shared;   /* another thread of ours runs there: yield */
	int *switch_thread;      /* processor of each switch thread */
	unsigned endpoints, switch_threads;
	bool oversubscribed;     /* fewer processors than threads */
	bool siblings;           /* two threads share a core's hyper-threads */
	bool nodes;              /* they span NUMA nodes */
	bool contended;          /* another run claims some of them */
};

/*
 * Decide for `endpoints` (2N, in order of ports) and switch_threads, and claim what is used until the next
 * call or close, which the ledger must outlive. ledger NULL: nothing is claimed.
 */
int processors_place(struct processors *processors, unsigned endpoints, unsigned switch_threads,
		     struct placement *placement, struct ledger *ledger, struct error *err);
void placement_free(struct placement *placement);

/* Does another run claim any of our processors? Now; NULL: none is ours; */
bool processors_contended(struct processors *processors);
/* now, or at some moment since the last call of one of these two. */
bool processors_contended_since(struct processors *processors);

/* All that this run may use (processors_open), as a list: "2-5,8". */
void processors_list(const struct processors *processors, char *text, size_t size);
/* The same: numbers in `list`, malloc'd. How many, or -ENOMEM. */
int processors_usable(const struct processors *processors, int **list);

/* The NUMA node that a processor is on; -1 = not known. */
int processor_node(int processor);

/*
 * The machine for the record: model, packages, nodes, cores, threads, isolated, usable. New reference, or
 * NULL.
 */
json_t *processors_describe(void);

#endif
