/* SPDX-License-Identifier: Apache-2.0 */
#include "run/catalogue_fill.h"

#include <errno.h>
#include <stdio.h>
#include <sched.h>
#include <string.h>

#include "system/confine.h"
#include "testbed/container/container.h"
#include "testbed/switch/switch.h"

static struct catalogue_entry *catalogue_add(struct catalogue_list *list, const char *name,
					     const char *summary)
{
	struct catalogue_entry *entry;

	if (list->count == CATALOGUE_MAX)
		return NULL;
	entry = &list->entry[list->count++];
	memset(entry, 0, sizeof(*entry));
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	snprintf(entry->summary, sizeof(entry->summary), "%s", summary);
	return entry;
}

static void catalogue_fill_tables(struct catalogue *catalogue)
{
	for (size_t i = 0; switch_table[i]; i++) {
		const struct switch_ops *ops = switch_table[i];
		struct catalogue_entry *entry = catalogue_add(&catalogue->switches, ops->name, ops->summary);

		if (!entry)
			break;
		entry->ports = ops->ports;
		entry->remote = ops->remote;
		entry->learns = ops->learns;
		entry->joins = !ops->learns || ops->joins;
		entry->queues = ops->queues;
		entry->max_ports = ops->max_ports;
		entry->threads = ops->threads;
	}
	for (size_t i = 0; container_table[i]; i++)
		catalogue_add(&catalogue->runtimes, container_table[i]->name, container_table[i]->summary);
}

/* The program was asked without any capability: what the container has to keep, lanebench must have to leave it. */
static int catalogue_check_capabilities(struct catalogue_entry *entry, struct error *err)
{
	const size_t most = sizeof(entry->capabilities) / sizeof(entry->capabilities[0]);
	const char *names[sizeof(entry->capabilities) / sizeof(entry->capabilities[0]) + 1] = { NULL };
	uint64_t mask;

	for (size_t i = 0; i < most && entry->capabilities[i][0]; i++)
		names[i] = entry->capabilities[i];
	if (confine_parse(names, &mask, err))
		return -EPROTO;
	if (!entry->available || confine_may_leave(mask))
		return 0;
	entry->available = false;
	snprintf(entry->reason, sizeof(entry->reason), "its container needs the capability %s, which lanebench has not",
		 names[0]);
	snprintf(entry->remedy, sizeof(entry->remedy), "run it as root, or with that capability");
	return 0;
}

/* Fields that are not listed here may be there. */
static int catalogue_add_io(struct catalogue *catalogue, const struct endpoint_program *program, unsigned index,
			    json_t *json, struct error *err)
{
	const char *name, *summary, *reason, *remedy, *version = "";
	int ports, max_burst, min_frame, max_frame, layer_frame, available;
	struct catalogue_entry *entry;
	json_t *capabilities, *capability;
	json_error_t wrong;
	size_t i;

	if (json_unpack_ex(json, &wrong, 0, "{s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:o, s:b, s:s, s:s, s?s}", "name", &name,
			   "summary", &summary, "ports", &ports, "max_burst", &max_burst, "min_frame", &min_frame,
			   "max_frame", &max_frame, "layer_frame", &layer_frame, "capabilities", &capabilities,
			   "available", &available, "reason", &reason, "remedy", &remedy, "version", &version))
		return error_set(err, EPROTO, "build or install lanebench again",
				 "%s describes a technique wrongly: %s", program->name, wrong.text);
	if (catalogue_find(&catalogue->ios, name)) /* a program before this one has it */
		return 0;
	entry = catalogue_add(&catalogue->ios, name, summary);
	if (!entry)
		return 0;
	entry->program = index;
	entry->ports = (uint32_t)ports;
	entry->max_burst = (uint32_t)max_burst;
	entry->min_frame = (uint32_t)min_frame;
	entry->max_frame = (uint32_t)max_frame;
	entry->layer_frame = layer_frame;
	entry->available = available;
	snprintf(entry->reason, sizeof(entry->reason), "%s", reason);
	snprintf(entry->remedy, sizeof(entry->remedy), "%s", remedy);
	snprintf(entry->version, sizeof(entry->version), "%s", version);
	json_array_foreach(capabilities, i, capability)
		if (i < sizeof(entry->capabilities) / sizeof(entry->capabilities[0]) && json_is_string(capability))
			snprintf(entry->capabilities[i], sizeof(entry->capabilities[i]), "%s",
				 json_string_value(capability));
	return catalogue_check_capabilities(entry, err);
}

/* What a program that cannot run here would have had. Its name is the best that is known of it. */
static void catalogue_add_lost(struct catalogue *catalogue, const struct endpoint_program *program,
			       const struct error *why)
{
	struct catalogue_entry *entry;
	char summary[sizeof(entry->summary)];

	if (catalogue_find(&catalogue->ios, program->what))
		return;
	snprintf(summary, sizeof(summary), "what %s can do; it cannot run here", program->name);
	entry = catalogue_add(&catalogue->ios, program->what, summary);
	if (!entry)
		return;
	snprintf(entry->reason, sizeof(entry->reason), "%s", why->cause);
	snprintf(entry->remedy, sizeof(entry->remedy), "%s", why->remedy);
}

static int catalogue_add_answer(struct catalogue *catalogue, const struct endpoint_programs *programs, unsigned index,
				const struct endpoint_answer *answer, struct error *err)
{
	const struct endpoint_program *program = &programs->list[index];
	int result = 0;
	json_t *io;
	size_t i;

	if (!answer->techniques && !program->what[0])
		return error_set(err, answer->why.code, answer->why.remedy, "%s", answer->why.cause);
	if (!answer->techniques)
		catalogue_add_lost(catalogue, program, &answer->why);
	json_array_foreach(answer->techniques, i, io)
		if (!result)
			result = catalogue_add_io(catalogue, program, index, io, err);
	return result;
}

int catalogue_fill(struct catalogue *catalogue, const struct endpoint_programs *programs, struct error *err)
{
	struct endpoint_answer answers[ENDPOINT_PROGRAMS_MAX];
	cpu_set_t usable;
	int result = 0;

	memset(catalogue, 0, sizeof(*catalogue));
	catalogue_fill_tables(catalogue);
	if (!sched_getaffinity(0, sizeof(usable), &usable))
		catalogue->processors = (unsigned)CPU_COUNT(&usable);
	endpoint_programs_ask(programs, answers);
	for (unsigned i = 0; i < programs->count && !result; i++)
		result = catalogue_add_answer(catalogue, programs, i, &answers[i], err);
	endpoint_answers_free(answers, programs->count);
	return result;
}

int catalogue_read(struct catalogue *catalogue, struct error *err)
{
	struct endpoint_programs programs;
	int result = endpoint_programs_open(&programs, err);

	if (!result)
		result = catalogue_fill(catalogue, &programs, err);
	endpoint_programs_close(&programs);
	return result;
}

static void catalogue_probe(struct catalogue_list *list, const char *name, int (*probe)(struct error *err))
{
	struct error err = { 0 };

	for (unsigned i = 0; i < list->count; i++) {
		struct catalogue_entry *entry = &list->entry[i];

		if (strcmp(entry->name, name) != 0 || entry->available || entry->reason[0])
			continue;
		entry->available = probe(&err) == 0;
		if (!entry->available) {
			snprintf(entry->reason, sizeof(entry->reason), "%s", err.cause);
			snprintf(entry->remedy, sizeof(entry->remedy), "%s", err.remedy);
		}
	}
}

void catalogue_probe_switch(struct catalogue *catalogue, const char *name)
{
	const struct switch_ops *ops = switch_find(name);

	if (ops)
		catalogue_probe(&catalogue->switches, name, ops->probe);
}

void catalogue_probe_runtime(struct catalogue *catalogue, const char *name)
{
	const struct container_ops *ops = container_find(name);

	if (ops)
		catalogue_probe(&catalogue->runtimes, name, ops->probe);
}

void catalogue_probe_all(struct catalogue *catalogue)
{
	for (size_t i = 0; switch_table[i]; i++)
		catalogue_probe_switch(catalogue, switch_table[i]->name);
	for (size_t i = 0; container_table[i]; i++)
		catalogue_probe_runtime(catalogue, container_table[i]->name);
}

void catalogue_ask_versions(struct catalogue *catalogue)
{
	for (unsigned i = 0; i < catalogue->switches.count; i++) {
		struct catalogue_entry *entry = &catalogue->switches.entry[i];
		const struct switch_ops *ops = switch_find(entry->name);

		if (entry->available && ops && ops->version)
			ops->version(entry->version, sizeof(entry->version));
	}
	for (unsigned i = 0; i < catalogue->runtimes.count; i++) {
		struct catalogue_entry *entry = &catalogue->runtimes.entry[i];
		const struct container_ops *ops = container_find(entry->name);

		if (entry->available && ops && ops->version)
			ops->version(entry->version, sizeof(entry->version));
	}
}
