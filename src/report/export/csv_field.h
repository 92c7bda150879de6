/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a CSV (RFC 4180), safe to show on a terminal and to open in a spreadsheet. */
#ifndef LB_REPORT_CSV_FIELD_H
#define LB_REPORT_CSV_FIELD_H

#include <jansson.h>
#include <stdio.h>

/* Nothing at all where it is not finite. */
void csv_number(FILE *out, double number);
/* A text, number or list of flags; nothing where it is none of these. */
void csv_value(FILE *out, const json_t *value);

#endif
