/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial/running.h"

#define OPEN_TIMEOUT_NS UINT64_C(10000000000)
#define CONNECT_STEP_NS UINT64_C(2000000)       /* between looks at sockets that endpoints are about to make */
#define ANSWER_TIMEOUT_NS UINT64_C(10000000000) /* beyond the trial's own time */
#define START_LEAD_NS UINT64_C(10000000)        /* for the start message to reach all endpoints, ... */
#define START_LEAD_EACH_NS UINT64_C(500000)     /* ... and this for each of them, ... */
#define START_LEAD_SHARED_NS UINT64_C(4000000)  /* ... more if they take turns: the scheduler's time slice */
#define BLAME_MS 100                            /* for a switch that died to be seen, after its peers saw it */
#define SAMPLES_MAX (48 * 3600) /* the longest duration, and an interval that is not longer */

int trial_driver_open(struct trial_driver **driver, struct testbed *testbed, const struct clock_scale *clock,
		      uint32_t max_frame, uint32_t max_burst, struct error *err)
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

static enum control_role role_of(const struct test *test, unsigned who)
{
	bool latency = strcmp(test_text(test, PARAMETER_DIMENSION), "latency") == 0;

	if (who % 2 == 0)
		return latency ? ROLE_CLIENT : ROLE_SENDER;
	return latency ? ROLE_SERVER : ROLE_RECEIVER;
}

static bool speaker_is_open(const struct speaker *speaker, const struct test *test, enum control_role role)
{
	return speaker->role == role && strcmp(speaker->io, test_text(test, PARAMETER_IO)) == 0;
}

static int driver_say_open(struct trial_driver *driver, unsigned who, const struct test *test,
			   struct error *err)
{
	struct speaker *speaker = &driver->conversation.speakers[who];
	const struct testbed_endpoint *endpoint = speaker->endpoint;
	struct control_message message = { .type = CONTROL_OPEN };
	struct control_open *open = &message.open;

	open->role = role_of(test, who);
	snprintf(open->io, sizeof(open->io), "%s", test_text(test, PARAMETER_IO));
	open->port_count = 1;
	open->ports[0] = (struct control_port){ .port = endpoint->port.port, .local = endpoint->port.address,
						.peer = endpoint->port.peer->address };
	open->memory = endpoint->memory;
	open->stream = open->rx_stream = (uint16_t)(who / 2);
	open->rx_flows = 1;
	open->processor = endpoint->processor;
	open->yield = endpoint->shared;
	open->max_frame = driver->max_frame;
	open->max_burst = driver->max_burst;
	open->clock = driver->clock;
	speaker->role = open->role;
	memcpy(speaker->io, open->io, sizeof(speaker->io));
	return conversation_say(&driver->conversation, who, &message, err);
}

/*
 * Where the endpoints make the sockets of their ports, the switch connects to them once they are there. Returns how
 * many ports do not forward yet, or -errno.
 */
static int driver_connect(const struct trial_driver *driver, struct error *err)
{
	struct vswitch *sw = driver->conversation.testbed->sw;

	return sw->ops->connect ? sw->ops->connect(sw, err) : 0;
}

static int driver_not_open(unsigned waiting, int missing, struct error *err)
{
	const int seconds = (int)(OPEN_TIMEOUT_NS / 1000000000);

	if (waiting)
		return error_set(err, ETIMEDOUT, "see the record's logs/ folder; much packet memory on busy "
				 "processors takes time: a smaller ring or fewer pairs need less of it",
				 "%u endpoint%s did not open %s within %d s", waiting, waiting == 1 ? "" : "s",
				 waiting == 1 ? "its port" : "their ports", seconds);
	return error_set(err, ETIMEDOUT, "see logs/switch.log in the record",
			 "%d port%s of the switch did not forward within %d s", missing, missing == 1 ? "" : "s",
			 seconds);
}

static int driver_wait_open(struct trial_driver *driver, unsigned waiting, const volatile int *cancel,
			    struct error *err)
{
	struct conversation *conversation = &driver->conversation;
	uint64_t deadline = clock_monotonic_ns() + OPEN_TIMEOUT_NS;
	bool connects = conversation->testbed->sw->ops->connect;

	for (;;) {
		struct control_message message;
		int missing = driver_connect(driver, err), result;
		uint64_t now = clock_monotonic_ns();
		unsigned who;

		if (missing < 0 || (!missing && !waiting))
			return missing;
		if (now >= deadline)
			return driver_not_open(waiting, missing, err);
		result = conversation_hear(conversation, connects ? now + CONNECT_STEP_NS : deadline, cancel, &who,
					   &message, err);
		if (result < 0)
			return result;
		if (result == 0)
			continue;
		if (message.type == CONTROL_READY) {
			json_decref(conversation->speakers[who].effective);
			conversation->speakers[who].effective = json_incref(message.effective);
			waiting--;
		}
		control_free(&message);
	}
}

/* Give every endpoint the role and the technique of this test, and wait until all ports are open. */
static int driver_open_ports(struct trial_driver *driver, const struct test *test, const volatile int *cancel,
			     struct error *err)
{
	struct conversation *conversation = &driver->conversation;
	unsigned waiting = 0;

	for (unsigned who = 0; who < conversation->count; who++) {
		int result;

		if (speaker_is_open(&conversation->speakers[who], test, role_of(test, who)))
			continue;
		result = driver_say_open(driver, who, test, err);
		if (result)
			return result;
		waiting++;
	}
	return waiting ? driver_wait_open(driver, waiting, cancel, err) : 0;
}

static void running_fill_start(struct running *r)
{
	struct control_start *start = &r->start;
	const struct placement *placement = &r->driver->conversation.testbed->placement;

	start->test = driver_test_id(r->driver);
	start->warmup_test = driver_test_id(r->driver);
	start->warmup_ns = (uint64_t)(test_number(r->test, PARAMETER_WARMUP) * 1e9);
	start->duration_ns = (uint64_t)(test_number(r->test, PARAMETER_DURATION) * 1e9);
	start->drain_ns = (uint64_t)(test_number(r->test, PARAMETER_DRAIN) * 1e9);
	start->flows = 1;
	start->size_count = 1;
	start->sizes[0] = (struct mix_size){ .size = (uint32_t)test_number(r->test, PARAMETER_SIZE), .weight = 1 };
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

/* Receivers first: they then listen before the first packet even if the common start were missed. */
static int running_start(struct running *r, struct error *err)
{
	struct control_message message = { .type = CONTROL_START };
	int result = 0;

	r->clock_error_ns = clock_scale_error_ns(&r->driver->clock);
	running_fill_start(r);
	message.start = r->start;
	for (int passive = 1; passive >= 0; passive--)
		for (unsigned who = (unsigned)passive; who < r->driver->conversation.count && !result; who += 2)
			result = conversation_say(&r->driver->conversation, who, &message, err);
	return result;
}

/* On CLOCK_MONOTONIC, while the endpoints' times are those of their own scale. */
static uint64_t running_begin(const struct running *r)
{
	return r->start.start_ns - (uint64_t)r->clock_error_ns;
}

static uint64_t running_window_begin(const struct running *r)
{
	return running_begin(r) + r->start.warmup_ns;
}

static uint64_t running_window_end(const struct running *r)
{
	return running_window_begin(r) + r->start.duration_ns;
}

/* False where the switch has no processes of its own. */
static bool running_read_switch(const struct running *r, struct process_time *time)
{
	struct vswitch *sw = r->driver->conversation.testbed->sw;
	const struct process *processes;
	unsigned count = 0;

	if (!sw->ops->processes)
		return false;
	processes = sw->ops->processes(sw, &count);
	process_time_free(time);
	return count && process_time_read(time, processes, count, NULL) == 0;
}

/* Of the switch and each endpoint; NULL where it cannot be read. */
static struct cpu_throttling *running_read_throttling(const struct running *r)
{
	const struct interference *interference = &r->driver->conversation.testbed->interference;
	struct cpu_throttling *list = calloc(1 + interference->endpoints, sizeof(*list));

	if (list && !interference_read(interference, list))
		return list;
	free(list);
	return NULL;
}

/*
 * Read processor time, the machine's and the switch's, and the meter, when the measured window begins and ends. Returns
 * when to come back.
 */
static uint64_t running_watch_cpu(struct running *r)
{
	uint64_t now = clock_monotonic_ns();

	if (!r->cpu_begun && now >= running_window_begin(r)) {
		r->cpu_begun = cpu_time_read(&r->driver->begin, NULL) == 0;
		r->switch_begun = running_read_switch(r, &r->switch_begin);
		r->throttling_begin = running_read_throttling(r);
		meter_begin(&r->driver->meter);
	}
	if (r->cpu_begun && !r->cpu_ended)
		meter_watch(&r->driver->meter);
	if (!r->cpu_ended && now >= running_window_end(r)) {
		r->cpu_ended = cpu_time_read(&r->driver->end, NULL) == 0;
		r->switch_ended = running_read_switch(r, &r->switch_end);
		r->throttling_end = running_read_throttling(r);
		meter_end(&r->driver->meter);
	}
	if (now < running_window_begin(r))
		return running_window_begin(r);
	if (now < running_window_end(r))
		return running_window_end(r);
	return running_window_end(r) + ANSWER_TIMEOUT_NS + 2 * r->start.drain_ns;
}

static int running_stop(struct running *r, unsigned who, uint64_t sent, struct error *err)
{
	struct control_message message = { .type = CONTROL_STOP, .stop.sent = sent };

	r->answers[who].stopped = true;
	return conversation_say(&r->driver->conversation, who, &message, err);
}

static void running_observe(struct running *r, unsigned who, const struct control_sample *sample)
{
	bool client = r->driver->conversation.speakers[who].role == ROLE_CLIENT;
	double elapsed = (double)(clock_monotonic_ns() - running_begin(r)) / 1e9;
	double total = (double)(r->start.warmup_ns + r->start.duration_ns) / 1e9;

	if (who % 2 == 0)
		r->second_tx += sample->tx_packets;
	if (who % 2 == 1 || client)
		r->second_rx += sample->rx_packets;
	if (++r->second_count < r->driver->conversation.count)
		return;
	if (r->observer && r->observer->second)
		r->observer->second(r->observer->context, elapsed, total, (double)r->second_tx, (double)r->second_rx);
	r->second_tx = r->second_rx = r->second_count = 0;
}

static int running_note_sample(struct running *r, unsigned who, const struct control_sample *sample)
{
	struct answer *answer = &r->answers[who];
	struct control_sample *samples;

	if (sample->second == 0 || sample->second > SAMPLES_MAX)
		return 0;
	if (sample->second > answer->sample_count) {
		samples = realloc(answer->samples, sample->second * sizeof(*samples));
		if (!samples)
			return -ENOMEM;
		memset(samples + answer->sample_count, 0,
		       (sample->second - answer->sample_count) * sizeof(*samples));
		answer->samples = samples;
		answer->sample_count = sample->second;
	}
	answer->samples[sample->second - 1] = *sample;
	running_observe(r, who, sample);
	return 0;
}

static int running_note_result(struct running *r, unsigned who, struct control_message *message,
			       struct error *err)
{
	struct answer *answer = &r->answers[who];

	if (answer->result)
		return error_set(err, EPROTO, NULL, "endpoint %u sent two results", who);
	answer->result = message->result;
	message->result = NULL;
	r->outstanding--;
	/* The active end of a pair is done by itself; its peer waits to hear how much was sent. */
	if (who % 2 == 0 && !r->answers[who + 1].stopped)
		return running_stop(r, who + 1, answer->result->tx_packets, err);
	return 0;
}

static int running_hear(struct running *r, struct error *err)
{
	while (r->outstanding) {
		struct control_message message;
		uint64_t deadline = running_watch_cpu(r);
		unsigned who;
		int result = conversation_hear(&r->driver->conversation, deadline, r->cancel, &who, &message, err);

		if (result < 0)
			return result;
		if (result == 0 && r->cpu_ended && clock_monotonic_ns() >= running_watch_cpu(r))
			return error_set(err, ETIMEDOUT, "see the record's logs/ folder",
					 "%u endpoints gave no result %d s after the trial's end", r->outstanding,
					 (int)(ANSWER_TIMEOUT_NS / 1000000000));
		if (result == 0)
			continue;
		if (message.type == CONTROL_RESULT)
			result = running_note_result(r, who, &message, err);
		else if (message.type == CONTROL_SAMPLE && running_note_sample(r, who, &message.sample))
			result = error_errno(err, ENOMEM, NULL, "cannot keep the samples");
		control_free(&message);
		if (result < 0)
			return result;
	}
	running_watch_cpu(r);
	return 0;
}

/*
 * What made a trial fail with `result`: where the switch (or the neighbour) has died that is the cause, whatever the
 * endpoints, whose ports went with it, say of it. They may notice before its end can be seen.
 */
static int running_blame(const struct running *r, int result, const char *when, struct error *err)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	struct error death = { 0 };

	if (result == -EINTR || (!testbed->sw->ops->processes && !testbed->interference.neighbour))
		return result;
	for (int tries = 0; tries < BLAME_MS && !testbed_check(testbed, &death); tries++)
		usleep(1000);
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
	result = running_start(r, err);
	if (!result)
		result = running_hear(r, err);
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
	process_time_free(&r->switch_begin);
	process_time_free(&r->switch_end);
	free(r->throttling_begin);
	free(r->throttling_end);
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
