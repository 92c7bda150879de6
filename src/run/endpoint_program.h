/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoint programs of this installation, and what they say that they can do.
 *
 * Techniques that need large libraries are in a program of their own (lanebench-endpoint-SUFFIX beside
 * lanebench-endpoint), so that the others start without those libraries and work where they are not
 * installed. Which technique is in which program is known from the programs alone.
 */
#ifndef LB_RUN_ENDPOINT_PROGRAM_H
#define LB_RUN_ENDPOINT_PROGRAM_H

#include <jansson.h>

#include "util/error.h"

#define ENDPOINT_PROGRAMS_MAX 8

struct endpoint_program {
	char name[64]; /* of its file */
	char what[64]; /* what its name says beyond lanebench-endpoint; "" for that one */
	int fd;        /* of its file, close-on-exec; it is run by this */
};

struct endpoint_programs {
	struct endpoint_program list[ENDPOINT_PROGRAMS_MAX]; /* lanebench-endpoint is the first */
	unsigned count;
};

/* What a program said. */
struct endpoint_answer {
	json_t *techniques; /* an array; NULL = it cannot run here, `why` tells */
	struct error why;
};

/*
 * Open the endpoint programs that belong to this lanebench: those in the folder where lanebench-endpoint is
 * found, beside lanebench (also in the build tree), else in the folder it was configured for. 0, or -errno
 * where there is no lanebench-endpoint. endpoint_programs_close in every case.
 */
int endpoint_programs_open(struct endpoint_programs *programs, struct error *err);
void endpoint_programs_close(struct endpoint_programs *programs);

/*
 * Run each with --describe, as programs are run: without capabilities, in an environment of our making, and no
 * longer than 10 s. answers[] has programs->count elements; free with endpoint_answers_free.
 */
void endpoint_programs_ask(const struct endpoint_programs *programs, struct endpoint_answer *answers);
void endpoint_answers_free(struct endpoint_answer *answers, unsigned count);

#endif
