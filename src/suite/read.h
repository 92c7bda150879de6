/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree of a YAML document to layers of parameter values. */
#ifndef LB_SUITE_READ_H
#define LB_SUITE_READ_H

#include "suite/document.h"
#include "suite/matrix.h"

/* What a suite's file says. Free with reading_free. */
struct reading {
	bool named;            /* suite->name is set */
	struct layer common;   /* parameters: */
	struct layer *tests;   /* tests: */
	size_t test_count;
};

/* Read the document into `reading`, and the suite's name and description. What is wrong: `problems`. */
void suite_read(struct reading *reading, struct suite *suite, yaml_document_t *document,
		const struct catalogue *catalogue, struct problems *problems);
void reading_free(struct reading *reading);

#endif
