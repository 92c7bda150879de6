/* SPDX-License-Identifier: Apache-2.0 */
#include "run/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "run/catalogue_fill.h"
#include "run/run_record.h"
#include "testbed/container/container.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"

int plan_open(struct plan *plan, struct error *err)
{
	int result = endpoint_programs_open(&plan->endpoint_programs, err);

	return result ? result : catalogue_fill(&plan->catalogue, &plan->endpoint_programs, err);
}

/* Processors that are not there, or not ours to use, are said before anything is created. */
static int check_processors(const struct suite *suite, struct error *err)
{
	const char *checked = "";

	for (size_t i = 0; i < suite->count; i++) {
		const char *allowed = test_text(&suite->tests[i], PARAMETER_PROCESSORS);
		struct processors *processors;
		int result;

		if (strcmp(allowed, checked) == 0)
			continue;
		checked = allowed;
		result = processors_open(&processors, allowed, err);
		if (result)
			return result;
		processors_close(processors);
	}
	return 0;
}

/* A command that no test would start was given by mistake. */
static int check_command(const struct suite *suite, const struct plan_request *request, struct error *err)
{
	bool used = !request->neighbour_command;

	for (size_t i = 0; i < suite->count && !used; i++)
		used = strcmp(test_text(&suite->tests[i], PARAMETER_NEIGHBOUR), "command") == 0;
	return used ? 0 : error_set(err, EINVAL, "add --neighbour command, or --neighbour none,command",
				    "--neighbour-command is given, and no test has neighbour command");
}

/* Without root, a run whose runtime can do without it moves into a user namespace of its own. */
static int gain_privileges(const struct suite *suite, struct error *err)
{
	if (namespace_is_root())
		return 0;
	for (size_t i = 0; i < suite->count; i++) {
		const char *runtime = test_text(&suite->tests[i], PARAMETER_RUNTIME);
		const struct container_ops *ops = container_find(runtime);

		if (ops && ops->unprivileged)
			return namespace_enter_user(err);
	}
	if (!geteuid())
		return error_set(err, EPERM, "use --runtime netns, which works here, too; or run it as root of the host",
				 "these tests need root's capabilities outside of any user namespace, and this root "
				 "has not got them");
	return error_set(err, EPERM, "use sudo; or --runtime netns, which can do without root where user namespaces are "
			 "allowed", "these tests need root");
}

/*
 * What the suite and the command line leave open: without repeats there is nothing that an order could favour. The seed
 * is that of random flows, too.
 */
static int order_settle(struct suite *suite, const struct suite_order *above, struct error *err)
{
	struct suite_order *order = &suite->order;
	bool random_flows = false;
	uint32_t drawn;

	for (size_t i = 0; i < suite->count; i++)
		random_flows |= !strcmp(test_text(&suite->tests[i], PARAMETER_FLOW_ORDER), "random");

	if (above->kind != ORDER_DEFAULT)
		order->kind = above->kind;
	if (above->seeded) {
		order->seed = above->seed;
		order->seeded = true;
	}
	if (order->kind == ORDER_DEFAULT) {
		order->kind = order->seeded ? ORDER_SHUFFLED : ORDER_GIVEN;
		for (size_t i = 0; i < suite->count; i++)
			if (test_number(&suite->tests[i], PARAMETER_REPEATS) > 1)
				order->kind = ORDER_SHUFFLED;
	}
	if (order->kind == ORDER_GIVEN && !random_flows) {
		order->seeded = false;
	} else if (!order->seeded) {
		if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
			return error_errno(err, errno, "give one with --seed", "cannot draw a seed");
		order->seed = drawn;
		order->seeded = true;
	}
	return 0;
}

static int plan_schedule(struct plan *plan, struct error *err)
{
	int result = schedule_make(&plan->schedule, &plan->suite);

	if (result == -E2BIG)
		return error_set(err, E2BIG, "choose fewer repeats, or take values away from its lists",
				 "the suite has more than %d trials", SCHEDULE_STEPS_MAX);
	return result ? error_errno(err, -result, NULL, "cannot plan the trials") : 0;
}

/* The record's own tests in the record's own order, and which of them are done. */
static int plan_resume(struct plan *plan, const struct plan_request *request, struct error *err)
{
	struct record_view view = { 0 };
	int result;

	if (request->look) {
		result = record_read_figures(&view, request->resume, err);
	} else {
		/* Locked first: what another run adds before it ends is read, and not run again. */
		result = record_resume(&plan->record, request->resume, err);
		if (!result)
			result = record_read_own(&view, plan->record, err);
	}
	if (!result)
		result = run_record_load(&plan->suite, &view, err);
	if (!result)
		result = plan_schedule(plan, err);
	if (!result) {
		plan->done = run_record_done(&plan->schedule, &plan->suite, &view, &plan->numbers);
		if (!plan->done)
			result = error_errno(err, ENOMEM, NULL, "cannot resume");
	}
	record_view_free(&view);
	return result;
}

int plan_make(struct plan *plan, const struct plan_request *request, struct error *err)
{
	int result;

	if (request->resume) {
		result = plan_resume(plan, request, err);
	} else {
		result = suite_load(&plan->suite, request->suite_path, &request->parameters, &plan->catalogue, err);
		if (!result)
			result = order_settle(&plan->suite, &request->order, err);
		if (!result)
			result = plan_schedule(plan, err);
	}
	if (!result)
		result = check_command(&plan->suite, request, err);
	return result ? result : check_processors(&plan->suite, err);
}

int plan_begin(struct plan *plan, const struct plan_request *request, int argc, char **argv, struct error *err)
{
	int result = ledger_check_state(err);

	if (!result)
		result = gain_privileges(&plan->suite, err);
	/* The endpoint was asked what it can do before: in a user namespace it can do more. */
	if (!result && !namespace_is_root())
		result = catalogue_fill(&plan->catalogue, &plan->endpoint_programs, err);
	if (!result && !plan->record)
		result = run_record_create(&plan->record, request->output, &plan->suite, argc, argv, err);
	return result;
}

void plan_free(struct plan *plan)
{
	record_close(plan->record);
	schedule_free(&plan->schedule);
	suite_free(&plan->suite);
	free(plan->done);
	endpoint_programs_close(&plan->endpoint_programs);
}
