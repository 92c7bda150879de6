/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wins, in a sentence. Only tests under the same load compete: the same hosts, containers, packet size
 * and rate (and burst, where round trips are measured).
 */
#ifndef LB_REPORT_WINNER_H
#define LB_REPORT_WINNER_H

#include <stdbool.h>
#include <stddef.h>

#include "report/digest.h"
#include "report/terminal/sheet.h"

/* Does rows[i] win among those under its load? Not where nothing competes with it. */
bool winner_is(const struct digest_row *const *rows, size_t count, size_t i, bool latency);

/* A sentence for each load. */
void winner_print(const struct digest_row *const *rows, size_t count, bool latency,
		  const bool varies[PARAMETER_COUNT], const struct sheet *sheet);

#endif
