/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this installation can combine: the switches, I/O techniques and runtimes, as plain data.
 * The suite asks it whether names exist and fit together; it is filled by the command from the
 * tables of the testbed and from what the endpoint program says of itself, so that no switch,
 * runtime or technique is named in shared code.
 */
#ifndef LB_SUITE_CATALOGUE_H
#define LB_SUITE_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#define CATALOGUE_MAX 64

struct catalogue_entry {
	char name[32];
	char summary[128];
	bool available;         /* the probe's answer */
	char reason[640];       /* why not */
	char remedy[320];
	char version[128];      /* of what is installed, "" = not asked for, or nothing to tell */
	uint32_t ports;         /* switch: kinds of port that it gives; io: kinds that it can use (mask);
				 * 0 = not known: it cannot even be asked here */
	uint32_t max_burst, min_frame, max_frame; /* io */
	bool layer_frame;       /* io: it builds whole frames, so its port needs no IP address */
	char capabilities[4][24]; /* io: Linux capabilities that the container must keep, "" ends */
	unsigned program;       /* io: number of the endpoint program that has it */
	bool remote;            /* switch: can reach another host */
	bool learns;            /* switch: it can be one that learns: all its ports reach all others */
	bool joins;             /* switch: it can join the two ends of each link instead; learns or joins, or both */
	bool queues;            /* switch: its ports may have several queues, and it can be told who polls which */
	uint32_t max_ports;     /* switch: most ports, 0 = no limit */
	bool threads;           /* switch: has threads of its own that move packets */
};

struct catalogue_list {
	struct catalogue_entry entry[CATALOGUE_MAX];
	unsigned count;
};

struct catalogue {
	struct catalogue_list switches, ios, runtimes;
	unsigned processors; /* that lanebench may use; 0 = not known */
};

/*
 * The kind of port by which this io uses this switch (enum port_kind): the one called `name`, or with "auto" the
 * first of those that both know; -1 = there is none.
 */
int catalogue_port(const struct catalogue_entry *io, const struct catalogue_entry *sw, const char *name);

const struct catalogue_entry *catalogue_find(const struct catalogue_list *list, const char *name);

#endif
