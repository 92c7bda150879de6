/* SPDX-License-Identifier: Apache-2.0 */
/* The noise of the machine itself, as measured before the trials: told where it bears on the figures. */
#ifndef LB_REPORT_NOISE_H
#define LB_REPORT_NOISE_H

#include "report/terminal/sheet.h"
#include "results/record.h"

/*
 * A sentence where a processor of the tests lost more than 1 % of its time before they began, or where a trial was
 * disturbed, which it may explain; nothing else. A record without that measurement has none.
 */
/* The same as text: false where there is nothing to tell; `large`: it is a warning. */
bool noise_sentence(const struct record_view *view, char *text, size_t size, bool *large);
void noise_print(const struct record_view *view, const struct sheet *sheet);

#endif
