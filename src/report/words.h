/* SPDX-License-Identifier: Apache-2.0 */
/* Tests in plain words: what a set of them compares, what they share, and how to call one of them. */
#ifndef LB_REPORT_WORDS_H
#define LB_REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/digest.h"

/*
 * Which parameters have more than one value among the rows. How a switch is set up (its threads, queues, ...) does not
 * vary where each switch has one value of it: words_shared then tells it of each.
 */
void words_varying(const struct digest_row *const *rows, size_t count, bool varies[PARAMETER_COUNT]);

/* "3 switches (veth, linux-bridge, macvlan) x 2 I/O techniques (udp, raw)"; "" where nothing varies. */
void words_compared(const struct digest_row *const *rows, size_t count, const bool varies[PARAMETER_COUNT],
		    char *text, size_t size);

/* "1vs1, 64-byte frames, rate max, burst 32, 2s per trial": what does not vary and is worth saying. */
void words_shared(const struct digest_row *const *rows, size_t count, const bool varies[PARAMETER_COUNT],
		  char *text, size_t size);

/* One test among those that differ in `by`: "raw-mmsg on veth, 64-byte frames". "" if by is empty. */
void words_test(const struct digest_row *row, const bool by[PARAMETER_COUNT], char *text, size_t size);

/* Head of a parameter's column: its unit in short, "" if its values carry their own. */
const char *words_unit(enum parameter_id id);
/* Are its values bare numbers (or rates), which a column aligns by their last digit? */
bool words_is_number(enum parameter_id id);
/* A value as it stands in a column; "" where the parameter is nothing to the test. */
void words_value(const struct digest_row *row, enum parameter_id id, char *text, size_t size);

#endif
