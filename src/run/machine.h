/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well this machine is set up for figures that others can repeat: what it has, and for each thing that
 * could be better, how. Pure reading: nothing is changed.
 */
#ifndef LB_RUN_MACHINE_H
#define LB_RUN_MACHINE_H

#include <jansson.h>

#define FINDINGS_MAX 32

struct finding {
	char what[32];
	char state[256];
	char remedy[320]; /* "" = fine as it is, or nothing to be done about */
};

struct findings {
	struct finding list[FINDINGS_MAX];
	unsigned count;
};

/* environment: of results/environment.h, with its `processor` filled in. */
void machine_examine(struct findings *findings, const json_t *environment);

#endif
