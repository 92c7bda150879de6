/* SPDX-License-Identifier: Apache-2.0 */
/* One run from its first trial to its last: testbeds up and down, trials, record. */
#ifndef LB_RUN_SESSION_H
#define LB_RUN_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "results/record.h"
#include "run/endpoint_program.h"
#include "suite/catalogue.h"
#include "suite/suite.h"
#include "trial/schedule.h"
#include "util/error.h"

struct session {
	struct suite *suite;
	struct catalogue *catalogue;
	struct record *record;
	const struct endpoint_programs *endpoint_programs; /* those that the catalogue was filled from */
	const bool *done;          /* per step of the schedule: recorded already (resume); NULL = none */
	size_t numbers;            /* used up before the first step's (run_record_done) */
	const struct schedule *schedule;
	const volatile int *cancel;
	FILE *json;                /* print each trial there as a line of JSON; NULL = do not */
	bool quiet;
	char *const *neighbour_command; /* of the command line, NULL-terminated; NULL = none */
	bool tune;                 /* set the machine for steady figures (host/tuning.h) */
	bool survey;               /* measure first what the machine does by itself (survey.h) */

	/* filled by session_run */
	size_t ok, failed, void_, skipped; /* trials of this session by status */
	bool interrupted;
	json_t *unwritten;         /* trials that the disk did not take; NULL = none */
};

/*
 * Run every step that is not done. Tests that fail or cannot run are recorded as such and the rest goes on.
 * 0, -EINTR when it was cancelled, or the first failure that concerns the whole run. In every case the
 * machine is as it was before, or err says what could not be undone.
 */
int session_run(struct session *session, struct error *err);

#endif
