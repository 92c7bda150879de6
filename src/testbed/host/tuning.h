/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's settings for a run, as the framework of Ara et al. sets them: frequency governor
 * `performance`, turbo off, where the machine has such settings. What is changed is in the ledger and undone
 * when the run ends; of runs beside each other, by the last.
 */
#ifndef LB_TESTBED_HOST_TUNING_H
#define LB_TESTBED_HOST_TUNING_H

#include <jansson.h>

#include "ledger/ledger.h"
#include "util/error.h"

/*
 * Subject: path in /proc/sys or /sys, detail: what to write back. Undo: write it, unless another run that
 * lives has the same entry: then that one does.
 */
extern const struct ledger_kind setting_kind;

/*
 * Apply. *done (new reference) says what was found and what is in effect now, read back: {"governor":
 * {"before": "powersave", "now": "performance"} or null, "turbo": {"before": true, "now": false} or null}. A
 * setting that the machine lacks is null; one that it has and refuses to change is no failure: "now" tells.
 * 0, or -errno with err where the ledger could not be written (*done is NULL then, and what was changed
 * before that is in the ledger).
 */
int tuning_apply(struct ledger *ledger, json_t **done, struct error *err);

#endif
