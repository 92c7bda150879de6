/* SPDX-License-Identifier: Apache-2.0 */
/* The noise of the machine itself, as measured before the trials: told where it bears on the figures. */
#ifndef LB_REPORT_NOISE_H
#define LB_REPORT_NOISE_H

#include <stdbool.h>
#include <stddef.h>

#include "results/record.h"

/*
 * A sentence where a processor of the tests lost more than 1 % of its time before they began (`large`: that
 * is a warning), or where a trial was disturbed, which it may explain. False where there is nothing to tell;
 * a record without that measurement has nothing.
 */
bool noise_sentence(const struct record_view *view, char *text, size_t size, bool *large);

#endif
