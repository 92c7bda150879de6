/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"

static struct control_rx received[CONTROL_RX_MAX];
static struct control_result result;

static void port_fill(struct control_port *port, unsigned number)
{
	port->port = (struct port){ .kind = PORT_PCI, .listens = true, .ring = CONTROL_RING_MAX - number };
	memset(port->port.address, 'p', sizeof(port->port.address) - 1);
	memcpy(port->local.mac, "\x02\x4c\xff\x00\x9a\xb0", 6);
	port->local.ip = 0xc61200ff;
	port->local.port = UINT16_MAX;
	memcpy(port->peer.mac, "\xff\xff\xff\xff\xff\xff", 6);
	port->peer.ip = UINT32_MAX;
}

/* One of each type, with the largest values that its fields take. Static and set field by field: padding is
 * 0. */
static struct control_message sample(enum control_type type)
{
	static struct control_message m;

	memset(&m, 0, sizeof(m));
	m.type = type;
	switch (type) {
	case CONTROL_OPEN:
		m.open.role = ROLE_SERVER;
		strcpy(m.open.io, "packet-mmap-of-31-characters-xx");
		m.open.port_count = CONTROL_PORTS_MAX;
		for (unsigned i = 0; i < CONTROL_PORTS_MAX; i++)
			port_fill(&m.open.ports[i], i);
		memset(m.open.memory.directory, 'd', sizeof(m.open.memory.directory) - 1);
		m.open.memory.megabytes = CONTROL_MEGABYTES_MAX;
		m.open.stream = UINT16_MAX;
		m.open.rx_stream = UINT16_MAX - 1;
		m.open.rx_flows = m.open.source_count = CONTROL_RX_MAX;
		for (unsigned i = 0; i < CONTROL_RX_MAX; i++)
			wire_address_make(&m.open.sources[i], i);
		m.open.processor = INT32_MAX;
		m.open.yield = true;
		m.open.max_frame = WIRE_FRAME_MAX;
		m.open.max_burst = CONTROL_BURST_MAX;
		m.open.clock.kind = CLOCK_KIND_TSC;
		m.open.clock.ticks0 = UINT64_MAX - 5;
		m.open.clock.ns0 = INT64_MAX;
		m.open.clock.mult = INT64_MAX;
		m.open.clock.shift = 63;
		m.open.clock.hz = 2999999999.9999995;
		break;
	case CONTROL_START:
		m.start.test = UINT16_MAX;
		m.start.warmup_test = UINT16_MAX - 1;
		m.start.start_ns = INT64_MAX / 4;
		m.start.warmup_ns = WIRE_SEQUENCE_MAX;
		m.start.duration_ns = WIRE_SEQUENCE_MAX - 1;
		m.start.drain_ns = WIRE_SEQUENCE_MAX - 2;
		m.start.size_count = MIX_SIZES_MAX;
		for (uint32_t i = 0; i < MIX_SIZES_MAX; i++)
			m.start.sizes[i] = (struct mix_size){ WIRE_FRAME_MAX - i,
				MIX_PERIOD_MAX / MIX_SIZES_MAX };
		m.start.burst = CONTROL_BURST_MAX;
		m.start.rate = 14880952.380952381;
		m.start.payload = WIRE_PAYLOAD_HEADERS;
		m.start.flows = CONTROL_FLOWS_MAX;
		m.start.flow_order = FLOW_RANDOM;
		m.start.seed = UINT64_MAX - 1;
		m.start.back = true;
		break;
	case CONTROL_STOP:
		m.stop.sent = UINT64_MAX;
		break;
	case CONTROL_QUIT:
		break;
	case CONTROL_READY:
		m.effective = json_pack("{s:{s:[i,n,f]}}", "a", "b", 1, 0.1);
		break;
	case CONTROL_SAMPLE:
		m.sample.second = UINT32_MAX;
		m.sample.tx_packets = CONTROL_COUNT_MAX;
		m.sample.rx_packets = CONTROL_COUNT_MAX - 1;
		break;
	case CONTROL_SENT:
		m.sent.packets = CONTROL_COUNT_MAX;
		break;
	case CONTROL_RESULT:
		m.result = &result;
		break;
	case CONTROL_ERROR:
		m.error.error.code = ENODEV;
		memset(m.error.error.cause, 'c', sizeof(m.error.error.cause) - 1);
		strcpy(m.error.error.remedy, "say \"please\"\n\tor \\ and é");
		break;
	}
	return m;
}

/* Of each sender another number in each counter, and a histogram without an empty bucket. */
static void received_fill(uint32_t count, uint64_t in_bucket)
{
	uint64_t n = CONTROL_COUNT_MAX;

	memset(received, 0, sizeof(received));
	for (struct control_rx *rx = received; rx < received + count; rx++) {
		uint64_t *const counters[] = {
			&rx->rx_packets, &rx->rx_bytes, &rx->rx_duplicated, &rx->rx_reordered,
			&rx->rx_corrupted, &rx->rx_foreign, &rx->rx_late, &rx->rx_first_ns, &rx->rx_last_ns,
			&rx->clock_ahead_ns, &rx->flow_min, &rx->flow_max,
		};

		for (unsigned i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
			*counters[i] = n--;
		rx->flows_seen = CONTROL_FLOWS_MAX;
		histogram_reset(&rx->latency);
		for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
			histogram_record(&rx->latency, histogram_bucket_low(i));
			rx->latency.bucket[i] = in_bucket;
		}
		rx->latency.count = HISTOGRAM_BUCKETS * in_bucket;
		rx->latency.sum *= (double)in_bucket;
	}
}

static void result_fill(uint32_t received_count, uint64_t in_bucket)
{
	uint64_t n = CONTROL_COUNT_MAX;
	uint64_t *const counters[] = {
		&result.tx_packets, &result.tx_refused, &result.tx_bytes, &result.tx_first_ns,
		&result.tx_last_ns, &result.tx_window_ns, &result.tx_late_max_ns, &result.tx_bias_ns,
		&result.port_dropped, &result.stalled_ns, &result.stall_max_ns, &result.late_start_ns,
		&result.cpu_window_ns, &result.switches_voluntary, &result.switches_involuntary,
		&result.tx_calls, &result.rx_calls, &result.forward[0].in, &result.forward[0].out,
		&result.forward[0].refused, &result.forward[1].in, &result.forward[1].out,
		&result.forward[1].refused,
	};

	memset(&result, 0, sizeof(result));
	for (unsigned i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		*counters[i] = n--;
	result.role = ROLE_ECHO;
	result.port_dropped_known = true;
	result.cpu_user_s = 0.1;
	result.cpu_system_s = 86399.999999999;
	result.forward_count = CONTROL_PORTS_MAX;
	result.rx_count = received_count;
	result.rx = received;
	received_fill(received_count, in_bucket);
}

static char *encode(enum control_type type)
{
	struct control_message message = sample(type);
	char *line;

	if (type == CONTROL_RESULT)
		result_fill(2, 1);
	line = control_encode(&message);
	if (type == CONTROL_READY)
		json_decref(message.effective);
	assert_non_null(line);
	return line;
}

static void lines_are_lines(void **state)
{
	for (int type = CONTROL_OPEN; type <= CONTROL_ERROR; type++) {
		char *line = encode((enum control_type)type);
		size_t length = strlen(line);

		assert_ptr_equal(strchr(line, '\n'), line + length - 1);
		assert_true(length <= CONTROL_LINE_MAX);
		free(line);
	}
}

/* The largest that there is: a histogram of each sender, all buckets full. */
static void the_longest_line_fits(void **state)
{
	const struct control_message message = { .type = CONTROL_RESULT, .result = &result };
	struct control_message found;
	char *line;

	result_fill(CONTROL_RX_MAX, CONTROL_COUNT_MAX / HISTOGRAM_BUCKETS);
	line = control_encode(&message);
	assert_non_null(line);
	assert_true(strlen(line) <= CONTROL_LINE_MAX);
	assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
	assert_int_equal(found.result->rx_count, CONTROL_RX_MAX);
	assert_memory_equal(&found.result->rx[CONTROL_RX_MAX - 1], &received[CONTROL_RX_MAX - 1],
			    offsetof(struct control_rx, latency));
	control_free(&found);
	free(line);
}

static void result_is_same(struct control_result *found)
{
	struct control_result same = *found;

	same.rx = result.rx;
	assert_memory_equal(&same, &result, sizeof(result));
	for (uint32_t i = 0; i < result.rx_count; i++) {
		assert_true(fabs(found->rx[i].latency.sum / received[i].latency.sum - 1) < 1e-15);
		found->rx[i].latency.sum = received[i].latency.sum;
	}
	assert_memory_equal(found->rx, received, result.rx_count * sizeof(received[0]));
}

static void survives(enum control_type type)
{
	char *line = encode(type);
	/* With and without the end of line. */
	for (size_t cut = 0; cut < 2; cut++) {
		struct control_message wanted = sample(type), found;
		struct error err = { 0 };

		if (control_decode(line, strlen(line) - cut, &found, &err))
			fail_msg("%s: %s", line, err.cause);
		assert_int_equal(found.type, type);
		if (type == CONTROL_READY) {
			assert_true(json_equal(found.effective, wanted.effective));
			json_decref(wanted.effective);
		} else if (type == CONTROL_RESULT) {
			result_is_same(found.result);
		} else {
			assert_memory_equal(&found, &wanted, sizeof(found));
		}
		control_free(&found);
	}
	free(line);
}

static void each_type_survives(void **state)
{
	for (int type = CONTROL_OPEN; type <= CONTROL_ERROR; type++)
		survives((enum control_type)type);
}

static void unknown_and_saturated_counts(void **state)
{
	struct control_message message = { .type = CONTROL_STOP, .stop.sent = INT64_MAX }, found;
	char *line = control_encode(&message);

	assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
	assert_int_equal(found.stop.sent, INT64_MAX);
	free(line);
	message.stop.sent = UINT64_MAX;
	line = control_encode(&message);
	assert_non_null(strstr(line, "null"));
	free(line);
	message.stop.sent = UINT64_MAX - 1; /* more than JSON carries, but known */
	line = control_encode(&message);
	assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
	assert_int_equal(found.stop.sent, INT64_MAX);
	free(line);
}

static void nothing_to_say_of_the_configuration(void **state)
{
	struct control_message message = { .type = CONTROL_READY }, found;
	char *line = control_encode(&message);

	assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
	assert_int_equal(found.type, CONTROL_READY);
	assert_null(found.effective);
	control_free(&found);
	free(line);
}

static void text_that_is_no_text_still_arrives(void **state)
{
	struct control_message message = { .type = CONTROL_ERROR, .error.error = { .code = 5 } }, found;
	char *line;

	strcpy(message.error.error.cause, "cannot open /tmp/\xff\xc3"); /* cut in mid-character */
	line = control_encode(&message);
	assert_non_null(line);
	assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
	assert_string_equal(found.error.error.cause, "cannot open /tmp/??");
	free(line);
}

static void numbers_that_are_none_are_not_sent(void **state)
{
	struct control_message message = sample(CONTROL_START);

	message.start.rate = NAN;
	assert_null(control_encode(&message));
	message.start.rate = INFINITY;
	assert_null(control_encode(&message));
}

static void refuses(const json_t *object, const char *named)
{
	struct control_message found;
	struct error err = { 0 };
	char *line = json_dumps(object, JSON_COMPACT);

	if (control_decode(line, strlen(line), &found, &err) != -EPROTO)
		fail_msg("accepted without a right '%s': %.300s", named, line);
	if (!strstr(err.cause, named))
		fail_msg("no '%s' in: %s", named, err.cause);
	free(line);
}

static void refuses_each_field(const json_t *root, json_t *object);

static void refuses_each_element(const json_t *root, json_t *list, const char *name)
{
	json_t *whole = json_copy(list), *element;
	size_t i;

	json_array_foreach(whole, i, element) {
		json_array_set_new(list, i, json_integer(1));
		refuses(root, name);
		json_array_set(list, i, element);
		if (i == 0 && json_is_object(element))
			refuses_each_field(root, element);
	}
	json_decref(whole);
}

/* Every field below `object`, whatever it is: taken out, and replaced by a list of what none of them has. */
static void refuses_each_field(const json_t *root, json_t *object)
{
	json_t *whole = json_copy(object);
	const char *name;
	json_t *value;

	json_object_foreach(whole, name, value) {
		json_object_del(object, name);
		refuses(root, name);
		json_object_set_new(object, name, json_pack("[b]", 1));
		refuses(root, name);
		json_object_set(object, name, value);
		/* What is within "effective" is not ours to check. */
		if (json_is_object(value) && strcmp(name, "effective") != 0)
			refuses_each_field(root, value);
		else if (json_is_array(value) && strcmp(name, "buckets") != 0)
			refuses_each_element(root, value, name);
	}
	json_decref(whole);
}

static void each_field_is_required_and_of_its_type(void **state)
{
	for (int type = CONTROL_OPEN; type <= CONTROL_ERROR; type++) {
		char *line = encode((enum control_type)type);
		json_t *object = json_loads(line, 0, NULL);
		struct control_message found;

		refuses_each_field(object, object);
		json_object_set_new(object, "extra", json_integer(1)); /* what is not known is ignored */
		free(line);
		line = json_dumps(object, 0);
		assert_int_equal(control_decode(line, strlen(line), &found, NULL), 0);
		control_free(&found);
		json_decref(object);
		free(line);
	}
}

/* A field of the sample of that type, and what to put in its place. */
struct change {
	enum control_type type;
	/* The object that has the field: "a", or "a.b"; of a list the second one. */
	const char *object, *field, *value;
};

static json_t *object_within(json_t *object, const char *path)
{
	char names[64], *save = NULL;

	snprintf(names, sizeof(names), "%s", path ? path : "");
	for (char *name = strtok_r(names, ".", &save); name; name = strtok_r(NULL, ".", &save)) {
		object = json_object_get(object, name);
		if (json_is_array(object))
			object = json_array_get(object, 1);
	}
	return object;
}

static json_t *sample_changed(const struct change *change)
{
	char *line = encode(change->type);
	json_t *object = json_loads(line, 0, NULL);
	json_t *inner = object_within(object, change->object);
	json_t *value = json_loads(change->value, JSON_DECODE_ANY, NULL);

	assert_int_equal(json_object_set_new(inner, change->field, value), 0);
	free(line);
	return object;
}

static const struct change wrong[] = {
	{ CONTROL_OPEN, NULL, "role", "\"spectator\"" },
	{ CONTROL_OPEN, NULL, "role", "1" },
	{ CONTROL_OPEN, NULL, "io", "\"\"" },
	{ CONTROL_OPEN, NULL, "io", "\"12345678901234567890123456789012\"" },
	{ CONTROL_OPEN, "ports.port", "kind", "\"usb\"" },
	{ CONTROL_OPEN, "ports.port", "address", /* 108 bytes: one too many with its end */
	  "\"123456789012345678901234567890123456789012345678901234"
	  "123456789012345678901234567890123456789012345678901234\"" },
	{ CONTROL_OPEN, "ports.port", "address", "null" },
	{ CONTROL_OPEN, "ports.port", "listens", "1" },
	{ CONTROL_OPEN, "ports.port", "ring", "-1" },
	{ CONTROL_OPEN, "ports.port", "ring", "32769" },
	{ CONTROL_OPEN, "memory", "directory", "7" },
	{ CONTROL_OPEN, "memory", "megabytes", "1048577" },
	{ CONTROL_OPEN, "ports", "local", "null" },
	{ CONTROL_OPEN, NULL, "ports", "[]" },
	{ CONTROL_OPEN, NULL, "ports", "[{},{},{}]" },
	{ CONTROL_OPEN, NULL, "rx_stream", "65536" },
	{ CONTROL_OPEN, NULL, "rx_flows", "0" },
	{ CONTROL_OPEN, NULL, "rx_flows", "65" },
	{ CONTROL_OPEN, NULL, "rx_flows", "1" }, /* with sources */
	{ CONTROL_OPEN, NULL, "rx_flows", "63" },
	{ CONTROL_OPEN, NULL, "sources", "[]" },
	{ CONTROL_OPEN, "sources", "ip", "7" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"02:4c:42:00:00\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"02:4c:42:00:00:0g\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"02:4c:42:00:00:001\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"02:4c:42:00:00+01\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"02:4c:42:00:00: 1\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"\"" },
	{ CONTROL_OPEN, "ports.peer", "ip", "\"198.18.0.256\"" },
	{ CONTROL_OPEN, "ports.peer", "ip", "\"198.18.0\"" },
	{ CONTROL_OPEN, "ports.peer", "ip", "\"198.18.0.1 \"" },
	{ CONTROL_OPEN, "ports.peer", "port", "65536" },
	{ CONTROL_OPEN, "ports.peer", "port", "-1" },
	{ CONTROL_OPEN, NULL, "stream", "65536" },
	{ CONTROL_OPEN, NULL, "stream", "1.0" },
	{ CONTROL_OPEN, NULL, "processor", "-2" },
	{ CONTROL_OPEN, NULL, "processor", "2147483648" },
	{ CONTROL_OPEN, NULL, "yield", "1" },
	{ CONTROL_OPEN, NULL, "max_frame", "59" },
	{ CONTROL_OPEN, NULL, "max_frame", "9015" },
	{ CONTROL_OPEN, NULL, "max_burst", "0" },
	{ CONTROL_OPEN, NULL, "max_burst", "1025" },
	{ CONTROL_OPEN, NULL, "max_burst", "4294967297" },
	{ CONTROL_OPEN, "clock", "kind", "\"sundial\"" },
	{ CONTROL_OPEN, "clock", "ticks0", "1.5" },
	{ CONTROL_OPEN, "clock", "ns0", "-1" },
	{ CONTROL_OPEN, "clock", "mult", "0" },
	{ CONTROL_OPEN, "clock", "shift", "64" },
	{ CONTROL_OPEN, "clock", "hz", "0" },
	{ CONTROL_START, NULL, "test", "0" },
	{ CONTROL_START, NULL, "test", "65536" },
	{ CONTROL_START, NULL, "warmup_test", "65535" }, /* the sample's test */
	{ CONTROL_START, NULL, "warmup_test", "65536" },
	{ CONTROL_START, NULL, "start_ns", "9223372036854775807" },
	{ CONTROL_START, NULL, "warmup_ns", "281474976710656" },
	{ CONTROL_START, NULL, "duration_ns", "0" },
	{ CONTROL_START, NULL, "duration_ns", "281474976710656" },
	{ CONTROL_START, NULL, "drain_ns", "281474976710656" },
	{ CONTROL_START, NULL, "sizes", "[]" },
	{ CONTROL_START, NULL, "sizes", "[64]" },
	{ CONTROL_START, NULL, "sizes", "[{},{},{},{},{},{},{},{},{}]" },
	{ CONTROL_START, NULL, "sizes", "[{\"size\":64,\"weight\":500},{\"size\":65,\"weight\":501}]" },
	{ CONTROL_START, "sizes", "size", "59" },
	{ CONTROL_START, "sizes", "size", "9015" },
	{ CONTROL_START, "sizes", "weight", "0" },
	{ CONTROL_START, "sizes", "weight", "1001" },
	{ CONTROL_START, NULL, "flows", "0" },
	{ CONTROL_START, NULL, "flows", "4097" },
	{ CONTROL_START, NULL, "flow_order", "\"square\"" },
	{ CONTROL_START, NULL, "seed", "1.5" },
	{ CONTROL_START, NULL, "back", "0" },
	{ CONTROL_START, NULL, "burst", "0" },
	{ CONTROL_START, NULL, "burst", "1025" },
	{ CONTROL_START, NULL, "rate", "-1" },
	{ CONTROL_START, NULL, "rate", "1e13" },
	{ CONTROL_START, NULL, "rate", "\"max\"" },
	{ CONTROL_START, NULL, "payload", "\"some\"" },
	{ CONTROL_STOP, NULL, "sent", "-1" },
	{ CONTROL_READY, NULL, "effective", "1" },
	{ CONTROL_SAMPLE, NULL, "second", "0" },
	{ CONTROL_SAMPLE, NULL, "second", "4294967296" },
	{ CONTROL_SAMPLE, NULL, "rx_packets", "-1" },
	{ CONTROL_RESULT, NULL, "tx_packets", "-1" },
	{ CONTROL_RESULT, NULL, "tx_packets", "9007199254740993" }, /* the sum of a thousand must be a number */
	{ CONTROL_RESULT, "forward", "in", "9007199254740993" },
	{ CONTROL_RESULT, "rx", "rx_packets", "9007199254740993" },
	{ CONTROL_SAMPLE, NULL, "tx_packets", "9007199254740993" },
	{ CONTROL_SENT, NULL, "packets", "9007199254740993" },
	{ CONTROL_RESULT, NULL, "tx_packets", "null" },
	{ CONTROL_RESULT, NULL, "cpu_user_s", "-0.1" },
	{ CONTROL_RESULT, NULL, "cpu_user_s", "1e300" },
	{ CONTROL_SENT, NULL, "packets", "-1" },
	{ CONTROL_RESULT, NULL, "forward", "[{},{},{}]" },
	{ CONTROL_RESULT, "forward", "refused", "-1" },
	{ CONTROL_RESULT, NULL, "rx", "[]" },
	{ CONTROL_RESULT, "rx", "flows_seen", "4097" },
	{ CONTROL_RESULT, "rx", "rx_packets", "-1" },
	{ CONTROL_RESULT, "rx", "latency", "null" },
	{ CONTROL_ERROR, NULL, "code", "0" },
	{ CONTROL_ERROR, NULL, "code", "4096" },
	{ CONTROL_ERROR, NULL, "cause", "null" },
};

static void each_range_is_checked(void **state)
{
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_t *object = sample_changed(&wrong[i]);

		refuses(object, wrong[i].field);
		json_decref(object);
	}
}

/* The other end of each range; the samples above have the upper ones. */
static const struct change least[] = {
	{ CONTROL_OPEN, NULL, "role", "\"sender\"" },
	{ CONTROL_OPEN, NULL, "io", "\"x\"" },
	{ CONTROL_OPEN, "ports.port", "address", "\"\"" },
	{ CONTROL_OPEN, "memory", "directory", "\"\"" },
	{ CONTROL_OPEN, "ports.local", "mac", "\"AB:cd:EF:01:23:45\"" },
	{ CONTROL_OPEN, "ports.peer", "ip", "\"0.0.0.0\"" },
	{ CONTROL_OPEN, "ports.peer", "port", "0" },
	{ CONTROL_OPEN, NULL, "stream", "0" },
	{ CONTROL_OPEN, NULL, "processor", "-1" },
	{ CONTROL_OPEN, NULL, "yield", "false" },
	{ CONTROL_OPEN, NULL, "max_frame", "60" },
	{ CONTROL_OPEN, NULL, "max_burst", "1" },
	{ CONTROL_OPEN, "clock", "kind", "\"monotonic\"" },
	{ CONTROL_OPEN, "clock", "ticks0", "0" },
	{ CONTROL_OPEN, "clock", "ns0", "0" },
	{ CONTROL_OPEN, "clock", "mult", "1" },
	{ CONTROL_OPEN, "clock", "shift", "0" },
	{ CONTROL_OPEN, "clock", "hz", "1000000000" }, /* an integer will do for a real */
	{ CONTROL_START, NULL, "test", "1" },
	{ CONTROL_START, NULL, "warmup_test", "0" },
	{ CONTROL_START, NULL, "start_ns", "0" },
	{ CONTROL_START, NULL, "warmup_ns", "0" },
	{ CONTROL_START, NULL, "duration_ns", "1" },
	{ CONTROL_START, NULL, "drain_ns", "0" },
	{ CONTROL_START, NULL, "sizes", "[{\"size\":60,\"weight\":1}]" },
	{ CONTROL_START, NULL, "flows", "1" },
	{ CONTROL_START, NULL, "flow_order", "\"round\"" },
	{ CONTROL_START, NULL, "seed", "-1" }, /* all of 64 bits */
	{ CONTROL_START, NULL, "burst", "1" },
	{ CONTROL_START, NULL, "rate", "0" },
	{ CONTROL_START, NULL, "payload", "\"full\"" },
	{ CONTROL_STOP, NULL, "sent", "0" },
	{ CONTROL_READY, NULL, "effective", "{}" },
	{ CONTROL_SAMPLE, NULL, "second", "1" },
	{ CONTROL_SAMPLE, NULL, "rx_packets", "0" },
	{ CONTROL_SENT, NULL, "packets", "0" },
	{ CONTROL_RESULT, NULL, "forward", "[]" },
	{ CONTROL_RESULT, "rx", "flows_seen", "0" },
	{ CONTROL_RESULT, NULL, "rx_calls", "0" },
	{ CONTROL_RESULT, NULL, "cpu_user_s", "0" },
	{ CONTROL_ERROR, NULL, "code", "1" },
	{ CONTROL_ERROR, NULL, "remedy", "\"\"" },
};

static void the_least_values_are_accepted(void **state)
{
	for (unsigned i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
		json_t *object = sample_changed(&least[i]);
		char *line = json_dumps(object, JSON_COMPACT);
		struct control_message found;
		struct error err = { 0 };

		if (control_decode(line, strlen(line), &found, &err))
			fail_msg("%s %s: %s", least[i].field, least[i].value, err.cause);
		control_free(&found);
		json_decref(object);
		free(line);
	}
}

static void the_cause_says_where_and_what(void **state)
{
	static const char line[] = "{\"type\":\"sample\",\"second\":0,\"tx_packets\":1,\"rx_packets\":1}";
	struct control_message found;
	struct error err = { 0 };

	assert_int_equal(control_decode(line, strlen(line), &found, &err), -EPROTO);
	assert_string_equal(err.cause,
			    "message 'sample': field 'second' is 0, not an integer from 1 to 4294967295");
}

static void what_is_no_message_is_refused(void **state)
{
	static const char *const lines[] = {
		"", "\n", "{", "[]", "\"quit\"", "null", "{}", "{\"type\":7}",
		"{\"type\":\"QUIT\"}", "{\"type\":\"\"}",
		"{\"type\":\"quit\"} {\"type\":\"quit\"}", "{\"type\":\"quit\",\"type\":\"quit\"}",
		"{\"type\":\"quit\\u0000\"}", "quit",
	};
	struct control_message found;
	char *deep = malloc(CONTROL_LINE_MAX + 2);

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct error err = { 0 };

		assert_int_equal(control_decode(lines[i], strlen(lines[i]), &found, &err), -EPROTO);
		assert_true(err.cause[0]);
		control_free(&found); /* nothing to free, and safe */
	}
	memset(deep, '[', CONTROL_LINE_MAX);
	assert_int_equal(control_decode(deep, CONTROL_LINE_MAX, &found, NULL), -EPROTO);
	memset(deep, ' ', CONTROL_LINE_MAX + 1);
	memcpy(deep, "{\"type\":\"quit\"}", 15);
	assert_int_equal(control_decode(deep, CONTROL_LINE_EACH, &found, NULL), 0);
	assert_int_equal(control_decode(deep, CONTROL_LINE_EACH + 1, &found, NULL), -EPROTO);
	assert_int_equal(control_decode(deep, CONTROL_LINE_MAX + 1, &found, NULL), -EPROTO);
	free(deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_lines),
		cmocka_unit_test(the_longest_line_fits),
		cmocka_unit_test(each_type_survives),
		cmocka_unit_test(unknown_and_saturated_counts),
		cmocka_unit_test(nothing_to_say_of_the_configuration),
		cmocka_unit_test(text_that_is_no_text_still_arrives),
		cmocka_unit_test(numbers_that_are_none_are_not_sent),
		cmocka_unit_test(each_field_is_required_and_of_its_type),
		cmocka_unit_test(each_range_is_checked),
		cmocka_unit_test(the_least_values_are_accepted),
		cmocka_unit_test(the_cause_says_where_and_what),
		cmocka_unit_test(what_is_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
