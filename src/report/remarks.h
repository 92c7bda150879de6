/* SPDX-License-Identifier: Apache-2.0 */
/* What qualifies the figures: flags, and the tests that have none. Facts and texts; the reports lay them
 * out. */
#ifndef LB_REPORT_REMARKS_H
#define LB_REPORT_REMARKS_H

#include "report/digest.h"

#define REMARKS_MAX 24

/* Which remarks a set of rows has; a letter each. */
struct remarks {
	size_t rows[REMARKS_MAX]; /* how many rows have remark i < remarks_count() */
	char unknown[64];         /* a flag that this version does not know: what the last remark is about */
};

/* The letters of one row, such as "od", and take note of them. */
void remarks_of_row(struct remarks *remarks, const struct digest_row *row, char letters[REMARKS_MAX + 1]);
/* The flag that remark i is about, where it is the one about flags that this version does not know; else
 * "". */
const char *remark_subject(const struct remarks *remarks, unsigned i);

/* Remark i < remarks_count(): its letter, a name for people ("oversubscribed", "duplicated"), and what it
 * means (a clause without full stop). */
unsigned remarks_count(void);
char remark_letter(unsigned i);
const char *remark_name(unsigned i);
const char *remark_text(unsigned i);

/* Trials that ended in the same way for the same reason, and the tests that they are of. */
struct cause {
	const char *status;          /* failed, void, skipped; borrowed, as all texts */
	const char *reason, *remedy; /* of the record; may be "" */
	const struct digest_row **rows;
	size_t row_count, trials;
	char which[512];             /* what these tests share of all that varies in the run; may be "" */
};

struct causes {
	struct cause *cause;         /* failed ones first, then void, then skipped ones */
	size_t count, trials;
};

/* 0 or -ENOMEM; causes_free also then. */
int causes_collect(struct causes *causes, const struct digest *digest);
void causes_free(struct causes *causes);
/* "Failed", "Void (measured, but not to be trusted)", "Skipped" */
const char *cause_title(const struct cause *cause);
/* "Skipped: 12 trials (switch ovs)": what it is the reason of. */
#define CAUSE_HEAD 640
void cause_head(const struct cause *cause, char text[CAUSE_HEAD]);
/* The reason of a trial; words for it where the record has none. */
const char *reason_words(const char *reason);

#endif
