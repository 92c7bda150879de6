/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DPDK's telemetry: a process built on DPDK answers questions on a SOCK_SEQPACKET socket in its run time
 * directory ("/ethdev/stats,0"), each with one JSON object. Read-only: what is asked changes nothing in it.
 */
#ifndef LB_TESTBED_SWITCH_TELEMETRY_H
#define LB_TESTBED_SWITCH_TELEMETRY_H

#include <jansson.h>

#include "util/error.h"

struct telemetry {
	int fd;           /* -1 = not connected */
	char version[64]; /* of DPDK at run time, as the process says: "DPDK 22.11.11" */
};

/*
 * Connect to the socket `name` in the directory behind `directory`, however long its path is. -ENOENT or
 * -ECONNREFUSED while it is not there yet.
 */
int telemetry_open(struct telemetry *telemetry, int directory, const char *name, struct error *err);
void telemetry_close(struct telemetry *telemetry);

/*
 * Ask, and wait for the answer up to 2 s. *answer: what stands behind the question in it, a new reference;
 * NULL where this fails. After a failure the connection is closed: a late answer must not be taken for that
 * to another question.
 */
int telemetry_ask(struct telemetry *telemetry, json_t **answer, struct error *err, const char *question, ...)
	__attribute__((format(printf, 4, 5)));

#endif
