/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of parameters as text. */
#ifndef LB_SUITE_FORMAT_H
#define LB_SUITE_FORMAT_H

#include <stddef.h>

#include "suite/parameter.h"

struct unit {
	const char *name;
	/* One of it is times/over of the parameter's own unit. Both are whole: so 2.3M is exact. */
	double times, over;
};

/* The units that the parameter's numbers may have, "" among them; name NULL ends. Larger ones come first. */
const struct unit *parameter_units(const struct parameter *parameter);

/* Canonical text, as struct value describes it. */
void number_format(const struct parameter *parameter, double number, char *text, size_t size);
/* A minimum or maximum, for people: 1G rather than 1000000000. */
void limit_format(const struct parameter *parameter, double limit, char *text, size_t size);

#endif
