/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of this installation, from the tables of the testbed and from the endpoint programs. */
#ifndef LB_RUN_CATALOGUE_FILL_H
#define LB_RUN_CATALOGUE_FILL_H

#include "run/endpoint_program.h"
#include "suite/catalogue.h"
#include "util/error.h"

/*
 * Switches and runtimes are not probed yet; techniques are (the endpoint programs do it). The techniques of a
 * program that cannot run here (a library is missing) become one entry that is not available, called after the
 * program; an io's entry.program is its program's index. -errno where lanebench-endpoint itself does not answer.
 */
int catalogue_fill(struct catalogue *catalogue, const struct endpoint_programs *programs, struct error *err);
/* The same for who runs none of the programs: opens and closes them. */
int catalogue_read(struct catalogue *catalogue, struct error *err);

/*
 * Ask the switch or runtime of this name whether this machine can do it; fills available, reason, remedy.
 * Once: the answer is kept.
 */
void catalogue_probe_switch(struct catalogue *catalogue, const char *name);
void catalogue_probe_runtime(struct catalogue *catalogue, const char *name);
void catalogue_probe_all(struct catalogue *catalogue);
/*
 * The versions of what is behind those switches and runtimes that are available: starts some of their programs,
 * so for who shows them. Techniques say theirs by themselves.
 */
void catalogue_ask_versions(struct catalogue *catalogue);

#endif
