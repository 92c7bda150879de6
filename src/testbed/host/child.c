/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/child.h"

static int child_begun(struct process *process, void *context, struct error *err)
{
	int rc = ledger_add_process(context, process->pid, err);

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
