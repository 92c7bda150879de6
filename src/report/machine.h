/* SPDX-License-Identifier: Apache-2.0 */
/* The run and its machine in a few words; run.json is foreign data: what is missing is said to be unknown. */
#ifndef LB_REPORT_MACHINE_H
#define LB_REPORT_MACHINE_H

#include <jansson.h>
#include <stddef.h>

/* How many processors the run could use; 0 = not known. */
int machine_processors(const json_t *run);

/* "Xeon Example 8000, 2 usable processors, Linux 6.18.44, Debian GNU/Linux 12 (bookworm), virtual
 * (KVMKVMKVM)" */
void machine_words(const json_t *run, char *text, size_t size);

/* When it started, "2026-11-21 20:35 UTC"; a time of another form as it stands. */
void machine_time(const json_t *run, char *text, size_t size);

#endif
