/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/deadline.h"
#include "trial/running.h"

#define START_LEAD_NS UINT64_C(10000000)        /* for the start message to reach all endpoints, ... */
#define START_LEAD_EACH_NS UINT64_C(500000)     /* ... and this for each of them, ... */
#define START_LEAD_SHARED_NS UINT64_C(4000000)  /* ... more if they take turns: the scheduler's time slice */
#define BLAME_PAUSE_US 1000
#define BLAME_MS 100                            /* for a switch that died to be seen, after its peers saw it */

int trial_driver_open(struct trial_driver **driver, struct testbed *testbed, const struct clock_scale *clock,
		      uint32_t max_frame, uint32_t max_burst, uint64_t seed, double *usual_ns, struct error *err)
{
	struct trial_driver *d = calloc(1, sizeof(*d));
	int result;

	*driver = NULL;
	if (!d)
		return error_errno(err, ENOMEM, NULL, "cannot drive the testbed");
	result = conversation_open(&d->conversation, testbed, err);
	if (!result)
		result = meter_open(&d->meter, testbed, err);
	if (result) {
		conversation_close(&d->conversation);
		free(d);
		return result;
	}
	d->clock = *clock;
	d->max_frame = max_frame;
	d->max_burst = max_burst;
	d->next_test = 1;
	d->seed = seed;
	d->usual_ns = usual_ns;
	*driver = d;
	return 0;
}

void trial_driver_close(struct trial_driver *driver)
{
	if (!driver)
		return;
	conversation_close(&driver->conversation);
	meter_close(&driver->meter);
	free(driver);
}

void trial_driver_set_baseline(struct trial_driver *driver, const struct baseline *baseline)
{
	driver->meter.baseline = *baseline;
}

static uint16_t driver_test_id(struct trial_driver *driver)
{
	uint16_t id = driver->next_test++;

	if (driver->next_test == WIRE_TEST_ANNOUNCE)
		driver->next_test = 1;
	return id;
}

static void running_fill_start(struct running *r)
{
	struct control_start *start = &r->start;
	const struct placement *placement = &r->driver->conversation.testbed->placement;
	struct sizes sizes;

	start->test = driver_test_id(r->driver);
	start->warmup_test = driver_test_id(r->driver);
	start->warmup_ns = (uint64_t)(test_number(r->test, PARAMETER_WARMUP) * 1e9);
	start->duration_ns = (uint64_t)(test_number(r->test, PARAMETER_DURATION) * 1e9);
	start->cooldown_ns = (uint64_t)(test_number(r->test, PARAMETER_COOLDOWN) * 1e9);
	start->drain_ns = (uint64_t)(test_number(r->test, PARAMETER_DRAIN) * 1e9);
	value_sizes(&r->test->value[PARAMETER_SIZE], &sizes);
	start->size_count = sizes.count;
	memcpy(start->sizes, sizes.list, sizeof(start->sizes));
	start->flows = (uint32_t)test_number(r->test, PARAMETER_FLOWS);
	start->flow_order = strcmp(test_text(r->test, PARAMETER_FLOW_ORDER), "random") == 0 ? FLOW_RANDOM : FLOW_ROUND;
	start->seed = r->driver->seed;
	start->back = test_is_latency(r->test) || r->driver->conversation.testbed->topology.spec.both;
	start->stamp = strcmp(test_text(r->test, PARAMETER_STAMP), "fill") == 0 ? STAMP_FILL : STAMP_DEPARTURE;
	start->rx_rate = test_number(r->test, PARAMETER_RX_RATE);
	start->background = test_number(r->test, PARAMETER_BACKGROUND);
	start->background_test = start->background > 0 ? driver_test_id(r->driver) : 0;
	start->burst = (uint32_t)test_number(r->test, PARAMETER_BURST);
	start->rate = test_number(r->test, PARAMETER_RATE) == RATE_MAX ? CONTROL_RATE_MAX :
		      test_number(r->test, PARAMETER_RATE);
	if (start->rate > CONTROL_RATE_MAX)
		start->duration_ns = control_paced_duration(start->rate, start->burst, start->duration_ns);
	start->payload = strcmp(test_text(r->test, PARAMETER_PAYLOAD), "headers") == 0 ? WIRE_PAYLOAD_HEADERS :
			 WIRE_PAYLOAD_FULL;
	start->start_ns = clock_now_ns(&r->driver->clock) + START_LEAD_NS + r->driver->conversation.count *
			  (placement->oversubscribed || placement->contended ? START_LEAD_SHARED_NS :
			   START_LEAD_EACH_NS);
}

/* Those who wait for packets first: they then listen before the first one even if the common start were missed. */
static int running_start(struct running *r, struct error *err)
{
	const struct topology *topology = &r->driver->conversation.testbed->topology;
	struct control_message message = { .type = CONTROL_START };
	int result = 0;

	r->clock_error_ns = clock_scale_error_ns(&r->driver->clock);
	running_fill_start(r);
	message.start = r->start;
	for (int sends = 0; sends <= 1; sends++)
		for (unsigned who = 0; who < topology->node_count && !result; who++)
			if ((topology->nodes[who].sends != TOPOLOGY_NONE) == sends)
				result = conversation_say(&r->driver->conversation, who, &message, err);
	return result;
}

/*
 * What made a trial fail with `result`: where the switch (or the neighbour) has died that is the cause, whatever the
 * endpoints, whose ports went with it, say of it. They may notice before its end can be seen.
 */
static int running_blame(const struct running *r, int result, const char *when, struct error *err)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	const struct deadline deadline = deadline_after_ms(BLAME_MS);
	struct error death = { 0 };

	if (result == -EINTR || (!testbed->sw->ops->processes && !testbed->interference.neighbour))
		return result;
	while (!testbed_check(testbed, &death) && deadline_pause(&deadline, BLAME_PAUSE_US))
		;
	return death.code ? error_set(err, death.code, death.remedy, "%s %s", death.cause, when) : result;
}

static int running_measure(struct running *r, json_t **trial, struct error *err)
{
	struct testbed *testbed = r->driver->conversation.testbed;
	struct vswitch *sw = testbed->sw;
	int result = interference_limit(testbed, false, err);

	if (!result)
		result = driver_open_ports(r->driver, r->test, r->cancel, err);
	if (!result)
		result = interference_limit(testbed, true, err);
	if (result)
		return result;
	r->contended = processors_contended(testbed->processors);
	r->dropped_known = sw->ops->dropped && sw->ops->dropped(sw, &r->dropped) == 0;
	distance_choose(&r->distance, &testbed->placement);
	distance_measure(&r->distance, &r->driver->clock, &r->distance.before_ns);
	result = running_start(r, err);
	if (!result)
		result = running_hear(r, err);
	if (!result)
		distance_measure(&r->distance, &r->driver->clock, &r->distance.after_ns);
	if (!result) /* it may have died while the last result was on its way */
		result = testbed_check(testbed, err);
	return result ? result : running_conclude(r, trial, err);
}

static void running_free(struct running *r)
{
	for (unsigned who = 0; r->answers && who < r->driver->conversation.count; who++) {
		control_result_free(r->answers[who].result);
		free(r->answers[who].samples);
	}
	free(r->answers);
	window_reading_free(&r->begin);
	window_reading_free(&r->end);
}

int trial_run(struct trial_driver *driver, const struct test *test, json_t **trial,
	      const struct trial_observer *observer, const volatile int *cancel, struct error *err)
{
	struct running r = { .driver = driver, .test = test, .observer = observer, .cancel = cancel,
			     .outstanding = driver->conversation.count };
	int result;

	*trial = NULL;
	r.answers = calloc(driver->conversation.count, sizeof(*r.answers));
	if (!r.answers)
		return error_errno(err, ENOMEM, NULL, "cannot run a trial");
	result = testbed_check(driver->conversation.testbed, err);
	if (result) {
		result = running_blame(&r, result, "before the trial", err);
	} else {
		result = running_measure(&r, trial, err);
		if (result)
			result = running_blame(&r, result, "in mid-trial", err);
	}
	running_free(&r);
	return result;
}
