/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of this installation, from the tables of the testbed and from the endpoint program. */
#ifndef LB_LANEBENCH_CATALOGUE_FILL_H
#define LB_LANEBENCH_CATALOGUE_FILL_H

#include "suite/catalogue.h"
#include "util/error.h"

/* Switches and runtimes are not probed yet; techniques are (the endpoint program does it). */
int catalogue_fill(struct catalogue *catalogue, int endpoint_program, struct error *err);

/*
 * Ask the switch or runtime of this name whether this machine can do it; fills available, reason, remedy.
 * Once: the answer is kept.
 */
void catalogue_probe_switch(struct catalogue *catalogue, const char *name);
void catalogue_probe_runtime(struct catalogue *catalogue, const char *name);
void catalogue_probe_all(struct catalogue *catalogue);

#endif
