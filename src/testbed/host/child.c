/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "system/kill.h"
#include "system/start_time.h"

#define UNDO_WAIT_MS 5000

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	unsigned long long start = entry->detail ? strtoull(entry->detail, NULL, 10) : 0;
	pid_t pid = (pid_t)strtol(entry->subject, NULL, 10);

	if (pid <= 1 || !start)
		return error_set(err, EINVAL, NULL, "'%s' is no process of ours", entry->subject);
	return process_kill(pid, start, UNDO_WAIT_MS, err);
}

const struct ledger_kind process_kind = { .name = "process", .noun = "process", .undo = undo };

int child_note(struct ledger *ledger, pid_t pid, struct error *err)
{
	unsigned long long start;
	char subject[16], detail[24];
	int code;

	errno = 0;
	start = process_start_time(pid);
	code = errno ? errno : ESRCH;
	if (!start)
		return error_set(err, code, code == EMFILE ? "raise the limit of open files (ulimit -n)" :
				 "mount /proc", "cannot read the start time of process %d",
				 (int)pid);
	snprintf(subject, sizeof(subject), "%d", (int)pid);
	snprintf(detail, sizeof(detail), "%llu", start);
	return ledger_add(ledger, &process_kind, subject, detail, err);
}

static int child_begun(struct process *process, void *context, struct error *err)
{
	int rc = child_note(context, process->pid, err);

	if (rc < 0)
		return rc;
	process->entry = rc;
	return 0;
}

static void child_ended(struct process *process, void *context)
{
	if (process->entry > 0 && !ledger_strike(context, process->entry, NULL))
		process->entry = 0;
}

struct process_hook child_hook(struct ledger *ledger)
{
	return ledger ? (struct process_hook){ child_begun, child_ended, ledger } : PROCESS_NO_HOOK;
}
