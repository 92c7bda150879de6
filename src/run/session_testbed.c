/* SPDX-License-Identifier: Apache-2.0 */
/* What a test needs of this machine, and the testbed that it gets. */
#include "run/session_internal.h"

#include <errno.h>
#include <string.h>

#include "run/catalogue_fill.h"

static bool is_free(const struct test *test, enum parameter_id id)
{
	return !strcmp(test_text(test, id), "free");
}

/* The parameter's choices are in the order of the enum. */
static enum switch_affinity test_affinity(const struct test *test)
{
	const char *const *choices = parameter_table[PARAMETER_RXQ_AFFINITY].choices;
	int affinity = 0;

	while (choices[affinity + 1] && strcmp(choices[affinity], test_text(test, PARAMETER_RXQ_AFFINITY)))
		affinity++;
	return (enum switch_affinity)affinity;
}

static struct interference_spec test_interference(const struct test *test, char *const *neighbour_command)
{
	return (struct interference_spec){
		.switch_quota = test_number(test, PARAMETER_SWITCH_QUOTA),
		.endpoint_quota = test_number(test, PARAMETER_ENDPOINT_QUOTA),
		.cache_ways = (unsigned)test_number(test, PARAMETER_CACHE_WAYS),
		.switch_free = is_free(test, PARAMETER_SWITCH_PLACE),
		.neighbour = test_text(test, PARAMETER_NEIGHBOUR),
		.neighbour_free = is_free(test, PARAMETER_NEIGHBOUR_PLACE),
		.neighbour_command = neighbour_command,
	};
}

/* The first of the test's three ingredients that this machine lacks; NULL if it has them all. */
static const struct catalogue_entry *session_missing(struct session *session, const struct test *test)
{
	struct catalogue *c = session->catalogue;
	const char *runtime = test_text(test, PARAMETER_RUNTIME), *sw = test_text(test, PARAMETER_SWITCH);
	const struct catalogue_entry *entries[3];

	catalogue_probe_runtime(c, runtime);
	catalogue_probe_switch(c, sw);
	entries[0] = catalogue_find(&c->runtimes, runtime);
	entries[1] = catalogue_find(&c->switches, sw);
	entries[2] = catalogue_find(&c->ios, test_text(test, PARAMETER_IO));
	for (int i = 0; i < 3; i++)
		if (!entries[i]->available)
			return entries[i];
	return NULL;
}

int session_probe(struct session *session, const struct test *test, struct error *err)
{
	const struct catalogue_entry *missing = session_missing(session, test);
	const struct interference_spec interference = test_interference(test, session->neighbour_command);

	if (missing)
		return error_set(err, ENOTSUP, missing->remedy, "%s: %s", missing->name, missing->reason);
	return interference_probe(&interference, err);
}

/* Of the test's class (test_demand), as far as the technique goes. */
static struct demand session_demand(const struct test *test, const struct catalogue_entry *io)
{
	struct demand demand = test_demand(test);

	if (io->max_burst && demand.max_burst > io->max_burst)
		demand.max_burst = io->max_burst;
	if (io->max_frame && demand.max_frame > io->max_frame)
		demand.max_frame = io->max_frame;
	return demand;
}

static int runner_take_processors(struct runner *r, const struct test *test, struct error *err)
{
	const char *allowed = test_text(test, PARAMETER_PROCESSORS);

	if (r->processors && strcmp(allowed, r->processors_allowed) == 0)
		return 0;
	processors_close(r->processors);
	r->processors = NULL;
	snprintf(r->processors_allowed, sizeof(r->processors_allowed), "%s", allowed);
	return processors_open(&r->processors, allowed, err);
}

/* For the record: what each testbed cost, each time that it was brought up. */
static void runner_note_testbed(struct runner *r, const struct schedule_step *step)
{
	const struct test *test = session_test(r->session, step);

	json_array_append_new(r->testbeds,
			      json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:f, s:n}",
					"testbed", (int)step->testbed + 1, "repeat", (int)step->repeat,
					"runtime", test_text(test, PARAMETER_RUNTIME),
					"switch", test_text(test, PARAMETER_SWITCH),
					"switch-in", test_text(test, PARAMETER_SWITCH_IN),
					"containers", test_text(test, PARAMETER_CONTAINERS),
					"topology", test_text(test, PARAMETER_TOPOLOGY),
					"hops", (int)test_number(test, PARAMETER_HOPS),
					"io", test_text(test, PARAMETER_IO),
					"up_s", r->testbed.up_s, "down_s"));
}

int runner_up(struct runner *r, const struct schedule_step *step, struct error *err)
{
	struct session *session = r->session;
	const struct test *test = session_test(session, step);
	const struct catalogue *known = session->catalogue;
	const struct catalogue_entry *io = catalogue_find(&known->ios, test_text(test, PARAMETER_IO));
	const struct catalogue_entry *sw = catalogue_find(&known->switches,
							  test_text(test, PARAMETER_SWITCH));
	const struct demand demand = session_demand(test, io);
	const char *capabilities[5] = { NULL };
	struct testbed_spec spec = {
		.runtime = test_text(test, PARAMETER_RUNTIME),
		.switch_name = test_text(test, PARAMETER_SWITCH),
		.topology = test_topology(test),
		.mtu = demand.max_frame - WIRE_ETHERNET_LEN,
		.addresses = !io->layer_frame,
		.capabilities = capabilities,
		.port_kind = (enum port_kind)catalogue_port(io, sw, test_text(test, PARAMETER_PORT)),
		.max_frame = demand.max_frame,
		.max_burst = demand.max_burst,
		.ring = (uint32_t)test_number(test, PARAMETER_RING),
		.threads = (unsigned)test_number(test, PARAMETER_THREADS),
		.join = !strcmp(test_text(test, PARAMETER_FORWARDING), "ports"),
		.queues = (uint32_t)test_number(test, PARAMETER_RXQS),
		.affinity = test_affinity(test),
		.switch_contained = !strcmp(test_text(test, PARAMETER_SWITCH_IN), "container"),
		.hugepages = test_text(test, PARAMETER_HUGEPAGES),
		.endpoint_program = session->endpoint_programs->list[io->program].fd,
		.log_directory = record_logs_fd(session->record),
		.interference = test_interference(test, session->neighbour_command),
	};
	int result;

	for (unsigned i = 0; i < 4 && io->capabilities[i][0]; i++)
		capabilities[i] = io->capabilities[i];
	result = runner_take_processors(r, test, err);
	if (result)
		return result;
	memset(&r->testbed, 0, sizeof(r->testbed));
	r->testbed.generation = r->generation++;
	result = testbed_up(&r->testbed, &spec, r->ledger, r->processors, session->cancel, err);
	if (result)
		return result;
	r->up = true;
	runner_note_testbed(r, step);
	result = trial_driver_open(&r->driver, &r->testbed, &r->clock, demand.max_frame, demand.max_burst,
				   session->suite->order.seed, &r->usual_ns, err);
	if (!result)
		trial_driver_set_baseline(r->driver, &r->baseline);
	return result;
}

int runner_down(struct runner *r, struct error *err)
{
	uint64_t begin = clock_monotonic_ns();
	int result;

	trial_driver_close(r->driver);
	r->driver = NULL;
	if (!r->up)
		return 0;
	r->up = false;
	result = testbed_down(&r->testbed, r->ledger, err);
	json_object_set_new(json_array_get(r->testbeds, json_array_size(r->testbeds) - 1), "down_s",
			    json_real((double)(clock_monotonic_ns() - begin) / 1e9));
	return result;
}
