/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/catalogue_fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lanebench/endpoint_program.h"
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
	}
	for (size_t i = 0; container_table[i]; i++)
		catalogue_add(&catalogue->runtimes, container_table[i]->name, container_table[i]->summary);
}

static int catalogue_add_io(struct catalogue *catalogue, json_t *json, struct error *err)
{
	const char *name, *summary, *reason, *remedy;
	int ports, max_burst, min_frame, max_frame, layer_frame, available;
	struct catalogue_entry *entry;
	json_t *capabilities, *capability;
	json_error_t wrong;
	size_t i;

	if (json_unpack_ex(json, &wrong, 0, "{s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:o, s:b, s:s, s:s}", "name", &name,
			   "summary", &summary, "ports", &ports, "max_burst", &max_burst, "min_frame", &min_frame,
			   "max_frame", &max_frame, "layer_frame", &layer_frame, "capabilities", &capabilities,
			   "available", &available, "reason", &reason, "remedy", &remedy))
		return error_set(err, EPROTO, "build or install lanebench again",
				 "lanebench-endpoint describes a technique wrongly: %s", wrong.text);
	entry = catalogue_add(&catalogue->ios, name, summary);
	if (!entry)
		return 0;
	entry->ports = (uint32_t)ports;
	entry->max_burst = (uint32_t)max_burst;
	entry->min_frame = (uint32_t)min_frame;
	entry->max_frame = (uint32_t)max_frame;
	entry->layer_frame = layer_frame;
	entry->available = available;
	snprintf(entry->reason, sizeof(entry->reason), "%s", reason);
	snprintf(entry->remedy, sizeof(entry->remedy), "%s", remedy);
	json_array_foreach(capabilities, i, capability)
		if (i < sizeof(entry->capabilities) / sizeof(entry->capabilities[0]) && json_is_string(capability))
			snprintf(entry->capabilities[i], sizeof(entry->capabilities[i]), "%s",
				 json_string_value(capability));
	return 0;
}

int catalogue_fill(struct catalogue *catalogue, int endpoint_program, struct error *err)
{
	json_t *ios, *io;
	int result = 0;
	size_t i;

	memset(catalogue, 0, sizeof(*catalogue));
	catalogue_fill_tables(catalogue);
	ios = endpoint_program_describe(endpoint_program, err);
	if (!ios)
		return -err->code;
	json_array_foreach(ios, i, io)
		if (!result)
			result = catalogue_add_io(catalogue, io, err);
	json_decref(ios);
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
