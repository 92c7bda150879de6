/* SPDX-License-Identifier: Apache-2.0 */
#include "control/message.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "control/field.h"

/* Sums of a few times stay below 2^63; no time on the wire or parameter is longer than 2^48 ns (78 h). */
#define NS_MAX (INT64_MAX / 4)
#define SPAN_MAX ((INT64_C(1) << 48) - 1)
#define SECONDS_MAX 1e9
#define RATE_LIMIT 1e12
#define ERRNO_MAX 4095

#define MEMBER(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define PLAIN(type, member, k) { .name = #member, .kind = FIELD_##k, MEMBER(type, member) }
#define RANGE(type, member, k, lo, hi) \
	{ .name = #member, .kind = FIELD_##k, MEMBER(type, member), .min = (lo), .max = (hi) }
#define REAL(type, member, lo, hi) \
	{ .name = #member, .kind = FIELD_REAL, MEMBER(type, member), .real_min = (lo), .real_max = (hi) }
#define CHOICE(type, member, list) \
	{ .name = #member, .kind = FIELD_CHOICE, MEMBER(type, member), .names = (list) }
#define OBJECT(type, member, table) \
	{ .name = #member, .kind = FIELD_OBJECT, MEMBER(type, member), .fields = (table) }
#define LIST(type, member, counter, lo, hi, table) \
	{ .name = #member, .kind = FIELD_LIST, .offset = offsetof(type, member), .min = (lo), .max = (hi), \
	  .size = sizeof(((type *)0)->member[0]), .fields = (table), .count_offset = offsetof(type, counter) }
#define COUNT_OF(type, member) RANGE(type, member, UNSIGNED, 0, CONTROL_COUNT_MAX)
#define COUNT(member) COUNT_OF(struct control_result, member)
#define TIME_OF(type, member) RANGE(type, member, UNSIGNED, 0, INT64_MAX)
#define TIME(member) TIME_OF(struct control_result, member)

static const char *const role_names[] = {
	"sender", "receiver", "client", "server", "forwarder", "exchange", "echo", NULL,
};
static const char *const order_names[] = { "round", "random", NULL };
static const char *const stamp_names[] = { "departure", "fill", NULL };
static const char *const payload_names[] = { "full", "headers", NULL };
static const char *const clock_names[] = { "monotonic", "tsc", NULL };

static const struct field address_fields[] = {
	PLAIN(struct wire_address, mac, MAC),
	PLAIN(struct wire_address, ip, IPV4),
	RANGE(struct wire_address, port, UNSIGNED, 0, UINT16_MAX),
	{ 0 },
};

static const struct field clock_fields[] = {
	CHOICE(struct clock_scale, kind, clock_names),
	PLAIN(struct clock_scale, ticks0, BITS), /* a guest's counter may have any offset */
	RANGE(struct clock_scale, ns0, UNSIGNED, 0, INT64_MAX),
	RANGE(struct clock_scale, mult, UNSIGNED, 1, INT64_MAX),
	RANGE(struct clock_scale, shift, UNSIGNED, 0, 63),
	REAL(struct clock_scale, hz, 1, 1e12),
	{ 0 },
};

static const struct field port_fields[] = {
	CHOICE(struct port, kind, port_names),
	PLAIN(struct port, address, TEXT),
	PLAIN(struct port, listens, BOOL),
	RANGE(struct port, ring, UNSIGNED, 0, CONTROL_RING_MAX),
	RANGE(struct port, queues, UNSIGNED, 0, CONTROL_QUEUES_MAX),
	{ 0 },
};

static const struct field memory_fields[] = {
	PLAIN(struct packet_memory, directory, TEXT),
	RANGE(struct packet_memory, megabytes, UNSIGNED, 0, CONTROL_MEGABYTES_MAX),
	{ 0 },
};

static const struct field attachment_fields[] = {
	OBJECT(struct control_port, port, port_fields),
	OBJECT(struct control_port, local, address_fields),
	OBJECT(struct control_port, peer, address_fields),
	{ 0 },
};

static const struct field open_fields[] = {
	CHOICE(struct control_open, role, role_names),
	RANGE(struct control_open, io, TEXT, 1, 0),
	LIST(struct control_open, ports, port_count, 1, CONTROL_PORTS_MAX, attachment_fields),
	OBJECT(struct control_open, memory, memory_fields),
	RANGE(struct control_open, stream, UNSIGNED, 0, UINT16_MAX),
	RANGE(struct control_open, rx_stream, UNSIGNED, 0, UINT16_MAX),
	RANGE(struct control_open, rx_flows, UNSIGNED, 1, CONTROL_RX_MAX),
	LIST(struct control_open, sources, source_count, 0, CONTROL_RX_MAX, address_fields),
	RANGE(struct control_open, processor, INT, -1, INT_MAX),
	PLAIN(struct control_open, yield, BOOL),
	RANGE(struct control_open, max_frame, UNSIGNED, WIRE_FRAME_MIN, WIRE_FRAME_MAX),
	RANGE(struct control_open, max_burst, UNSIGNED, 1, CONTROL_BURST_MAX),
	OBJECT(struct control_open, clock, clock_fields),
	{ 0 },
};

static const struct field size_fields[] = {
	RANGE(struct mix_size, size, UNSIGNED, WIRE_FRAME_MIN, WIRE_FRAME_MAX),
	RANGE(struct mix_size, weight, UNSIGNED, 1, MIX_PERIOD_MAX),
	{ 0 },
};

static const struct field start_fields[] = {
	RANGE(struct control_start, test, UNSIGNED, WIRE_TEST_ANNOUNCE + 1, UINT16_MAX),
	RANGE(struct control_start, warmup_test, UNSIGNED, 0, UINT16_MAX),
	RANGE(struct control_start, start_ns, UNSIGNED, 0, NS_MAX),
	RANGE(struct control_start, warmup_ns, UNSIGNED, 0, SPAN_MAX),
	RANGE(struct control_start, duration_ns, UNSIGNED, 1, SPAN_MAX),
	RANGE(struct control_start, cooldown_ns, UNSIGNED, 0, SPAN_MAX),
	RANGE(struct control_start, drain_ns, UNSIGNED, 0, SPAN_MAX),
	LIST(struct control_start, sizes, size_count, 1, MIX_SIZES_MAX, size_fields),
	RANGE(struct control_start, burst, UNSIGNED, 1, CONTROL_BURST_MAX),
	REAL(struct control_start, rate, CONTROL_RATE_MAX, RATE_LIMIT),
	CHOICE(struct control_start, payload, payload_names),
	RANGE(struct control_start, flows, UNSIGNED, 1, CONTROL_FLOWS_MAX),
	CHOICE(struct control_start, flow_order, order_names),
	PLAIN(struct control_start, seed, BITS),
	PLAIN(struct control_start, back, BOOL),
	CHOICE(struct control_start, stamp, stamp_names),
	REAL(struct control_start, rx_rate, 0, RATE_LIMIT),
	REAL(struct control_start, background, 0, RATE_LIMIT),
	RANGE(struct control_start, background_test, UNSIGNED, 0, UINT16_MAX),
	{ 0 },
};

static const struct field stop_fields[] = {
	RANGE(struct control_stop, sent, UNSIGNED_OR_NULL, 0, INT64_MAX),
	{ 0 },
};

static const struct field quit_fields[] = {
	{ 0 },
};

static const struct field ready_fields[] = {
	{ .name = "effective", .kind = FIELD_ANY },
	{ 0 },
};

static const struct field sample_fields[] = {
	RANGE(struct control_sample, second, UNSIGNED, 1, UINT32_MAX),
	COUNT_OF(struct control_sample, tx_packets),
	COUNT_OF(struct control_sample, rx_packets),
	{ 0 },
};

static const struct field sent_fields[] = {
	COUNT_OF(struct control_sent, packets),
	{ 0 },
};

#define RX(member) COUNT_OF(struct control_rx, member)
static const struct field rx_fields[] = {
	RX(rx_packets), RX(rx_bytes), RX(rx_duplicated), RX(rx_reordered), RX(rx_corrupted), RX(rx_foreign),
	RX(rx_late), TIME_OF(struct control_rx, rx_first_ns), TIME_OF(struct control_rx, rx_last_ns),
	TIME_OF(struct control_rx, clock_ahead_ns),
	RANGE(struct control_rx, flows_seen, UNSIGNED, 0, CONTROL_FLOWS_MAX), RX(flow_min), RX(flow_max),
	RANGE(struct control_rx, latency, HISTOGRAM, 0, CONTROL_COUNT_MAX),
	{ 0 },
};

static const struct field forward_fields[] = {
	COUNT_OF(struct control_forward, in),
	COUNT_OF(struct control_forward, out),
	COUNT_OF(struct control_forward, refused),
	{ 0 },
};

static const struct field result_fields[] = {
	CHOICE(struct control_result, role, role_names),
	COUNT(tx_packets), COUNT(tx_refused), COUNT(tx_bytes),
	TIME(tx_first_ns), TIME(tx_last_ns), TIME(tx_window_ns), TIME(tx_late_max_ns), TIME(tx_bias_ns),
	COUNT(port_dropped),
	PLAIN(struct control_result, port_dropped_known, BOOL),
	TIME(stalled_ns), TIME(stall_max_ns), TIME(late_start_ns),
	REAL(struct control_result, cpu_user_s, 0, SECONDS_MAX),
	REAL(struct control_result, cpu_system_s, 0, SECONDS_MAX),
	TIME(cpu_window_ns),
	COUNT(switches_voluntary), COUNT(switches_involuntary),
	COUNT(tx_calls), COUNT(rx_calls), COUNT(background_sent), COUNT(background_received),
	LIST(struct control_result, forward, forward_count, 0, CONTROL_PORTS_MAX, forward_fields),
	{ .name = "rx", .kind = FIELD_LIST_APART, .offset = offsetof(struct control_result, rx), .min = 1,
	  .max = CONTROL_RX_MAX, .size = sizeof(struct control_rx), .fields = rx_fields,
	  .count_offset = offsetof(struct control_result, rx_count) },
	{ 0 },
};

static const struct field error_fields[] = {
	{ .name = "code", .kind = FIELD_INT, .offset = offsetof(struct control_error, error.code),
	  .min = 1, .max = ERRNO_MAX },
	{ .name = "cause", .kind = FIELD_TEXT, MEMBER(struct control_error, error.cause) },
	{ .name = "remedy", .kind = FIELD_TEXT, MEMBER(struct control_error, error.remedy) },
	{ 0 },
};

/* In the order of enum control_type. */
static const struct {
	const char *name;
	const struct field *fields;
} types[] = {
	[CONTROL_OPEN] = { "open", open_fields },
	[CONTROL_START] = { "start", start_fields },
	[CONTROL_STOP] = { "stop", stop_fields },
	[CONTROL_QUIT] = { "quit", quit_fields },
	[CONTROL_READY] = { "ready", ready_fields },
	[CONTROL_SAMPLE] = { "sample", sample_fields },
	[CONTROL_SENT] = { "sent", sent_fields },
	[CONTROL_RESULT] = { "result", result_fields },
	[CONTROL_ERROR] = { "error", error_fields },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

const char *control_role_name(enum control_role role)
{
	return role_names[role];
}

/* `type` first: people read these lines in logs. */
static json_t *message_object(const struct control_message *message)
{
	/* All members of the union start where `open` does. */
	const void *base = message->type == CONTROL_RESULT ? (const void *)message->result : &message->open;
	json_t *object = json_pack("{s:s}", "type", types[message->type].name);

	if (json_object_update_new(object, fields_encode(types[message->type].fields, base))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

char *control_encode(const struct control_message *message)
{
	json_t *object = message_object(message);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	char *line = NULL;
	size_t length;

	if (!text)
		goto out;
	length = strlen(text);
	line = realloc(text, length + 2);
	if (!line) {
		free(text);
		goto out;
	}
	memcpy(line + length, "\n", 2);
out:
	json_decref(object);
	return line;
}

static int type_decode(const json_t *object, enum control_type *type, struct error *err)
{
	const char *name = json_string_value(json_object_get(object, "type"));

	if (!json_is_object(object))
		return error_set(err, EPROTO, NULL, "the message is not an object");
	if (!name)
		return error_set(err, EPROTO, NULL, "field 'type' is missing or not a text");
	for (unsigned i = 0; i < TYPES; i++) {
		if (strcmp(types[i].name, name) == 0) {
			*type = (enum control_type)i;
			return 0;
		}
	}
	return error_set(err, EPROTO, NULL, "unknown message '%.40s'", name);
}

static int result_decode(const json_t *object, struct control_message *message, struct error *err)
{
	int rc;

	message->result = calloc(1, sizeof(*message->result));
	if (!message->result)
		return error_errno(err, ENOMEM, NULL, "cannot keep a result");
	rc = fields_decode(result_fields, "", object, message->result, err);
	if (rc) {
		control_result_free(message->result);
		message->result = NULL;
	}
	return rc;
}

static int open_check(const struct control_open *open, struct error *err)
{
	uint32_t wanted = open->rx_flows > 1 ? open->rx_flows : 0;

	if (open->source_count == wanted)
		return 0;
	return error_set(err, EPROTO, NULL, "field 'sources' has %u, not %u for 'rx_flows' of %u",
			 open->source_count, wanted, open->rx_flows);
}

static int start_check(const struct control_start *start, struct error *err)
{
	uint32_t weights = 0;

	for (uint32_t i = 0; i < start->size_count; i++)
		weights += start->sizes[i].weight;
	if (weights > MIX_PERIOD_MAX)
		return error_set(err, EPROTO, NULL, "field 'sizes' has weights of %u together, more than %u",
				 weights, MIX_PERIOD_MAX);
	if (start->test == start->warmup_test)
		return error_set(err, EPROTO, NULL, "field 'warmup_test' is %u, the same as 'test'",
				 start->test);
	if (start->background > 0 && (!start->background_test || start->background_test == start->test ||
				      start->background_test == start->warmup_test))
		return error_set(err, EPROTO, NULL, "field 'background_test' is %u, not an id of its own",
				 start->background_test);
	if (start->background > 0 && (start->flows > 1 || start->size_count > 1))
		return error_set(err, EPROTO, NULL, "field 'background' wants one flow and one size");
	return 0;
}

static int body_decode(const json_t *object, struct control_message *message, struct error *err)
{
	int rc;

	if (message->type == CONTROL_RESULT)
		rc = result_decode(object, message, err);
	else
		rc = fields_decode(types[message->type].fields, "", object, &message->open, err);
	if (!rc && message->type == CONTROL_OPEN)
		rc = open_check(&message->open, err);
	else if (!rc && message->type == CONTROL_START)
		rc = start_check(&message->start, err);
	if (rc)
		error_prefix(err, "message '%s'", types[message->type].name);
	return rc;
}

int control_decode(const char *line, size_t length, struct control_message *message, struct error *err)
{
	json_error_t syntax;
	json_t *object;
	int rc;

	memset(message, 0, sizeof(*message));
	if (length > CONTROL_LINE_MAX)
		return error_set(err, EPROTO, NULL, "the message has %zu bytes, more than %u", length,
				 CONTROL_LINE_MAX);
	object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &syntax);
	if (!object)
		return error_set(err, EPROTO, NULL, "the message is not JSON: %s at byte %d", syntax.text,
				 syntax.position);
	rc = type_decode(object, &message->type, err);
	if (!rc && message->type != CONTROL_RESULT && length > CONTROL_LINE_EACH)
		rc = error_set(err, EPROTO, NULL, "message '%s' has %zu bytes, more than %u",
			       types[message->type].name, length, CONTROL_LINE_EACH);
	if (!rc)
		rc = body_decode(object, message, err);
	json_decref(object);
	if (rc)
		memset(message, 0, sizeof(*message)); /* nothing to free */
	return rc;
}

void control_result_free(struct control_result *result)
{
	if (result)
		free(result->rx);
	free(result);
}

void control_free(struct control_message *message)
{
	if (message->type == CONTROL_RESULT)
		control_result_free(message->result);
	else if (message->type == CONTROL_READY)
		json_decref(message->effective);
	memset(message, 0, sizeof(*message));
}

uint64_t control_paced_duration(double rate, uint32_t burst, uint64_t duration_ns)
{
	/* Whole rates give whole products, which a long double holds exactly: see endpoint/pacing.c. */
	long double per_interval = (long double)burst * 1000000000.0L;
	long double bursts = ceill((long double)duration_ns * (long double)rate / per_interval);

	return (uint64_t)(bursts * per_interval / (long double)rate);
}
