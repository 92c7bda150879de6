/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of a session share: the run as it stands (session.c goes through its steps), its testbeds
 * (session_testbed.c) and how it is recorded (session_record.c).
 */
#ifndef LB_RUN_SESSION_INTERNAL_H
#define LB_RUN_SESSION_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ledger/ledger.h"
#include "measure/clock.h"
#include "run/progress.h"
#include "run/session.h"
#include "testbed/testbed.h"
#include "trial/baseline.h"
#include "trial/trial.h"

/* What session_run keeps beside the session itself. */
struct runner {
	struct session *session;
	struct ledger *ledger;
	struct processors *processors;
	char processors_allowed[64];
	struct clock_scale clock;
	double usual_ns; /* distance of the processors in the first trial */
	struct baseline baseline;
	struct progress progress;
	struct testbed testbed;
	struct trial_driver *driver;
	bool up;
	unsigned generation;
	size_t step;               /* the step that runs: index into the schedule */
	uint64_t step_ns;          /* when it began, ... */
	uint64_t line_ns;          /* ... and the trial of its search, where it makes one */
	json_t *references;        /* struct measure */
	json_t *testbeds;          /* run.json's list of them; borrowed */
};

static inline const struct test *session_test(const struct session *session, const struct schedule_step *step)
{
	return &session->suite->tests[step->test];
}

/* Has this machine all that the test needs? 0, or -errno with what it lacks: the test is skipped for it. */
int session_probe(struct session *session, const struct test *test, struct error *err);
/* Bring up the testbed of a step. The driver of its trials is open then. */
int runner_up(struct runner *r, const struct schedule_step *step, struct error *err);
/* Take it down, if one is up. */
int runner_down(struct runner *r, struct error *err);

/* The step's last line, from its figures; counted, and told to whoever waits. */
void runner_conclude(struct runner *r, json_t *figures);
/* The same for a step without figures: "skipped" or "failed". */
void runner_conclude_without(struct runner *r, const char *status, const struct error *why);

/* struct measure_observer: each trial of a search is a line of its own. `context` is the runner. */
void runner_search_step(void *context, const struct load_step *step, const struct load_result *known);
void runner_line(void *context, const struct test *test, json_t *figures);

#endif
