/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/describe.h"

#include "endpoint/io/io.h"

static json_t *capabilities_describe(const struct io_ops *ops)
{
	json_t *list = json_array();

	for (const char *const *name = ops->capabilities; name && *name; name++)
		json_array_append_new(list, json_string(*name));
	return list;
}

static json_t *technique_describe(const struct io_ops *ops)
{
	struct error err = { 0 };
	bool available = !ops->probe || ops->probe(&err) == 0;
	char version[128] = "";

	if (available && ops->version)
		ops->version(version, sizeof(version));
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:o, s:b, s:s, s:s, s:s}",
			 "name", ops->name, "summary", ops->summary,
			 "ports", (json_int_t)ops->ports, "max_burst", (json_int_t)ops->max_burst,
			 "min_frame", (json_int_t)ops->min_frame, "max_frame", (json_int_t)ops->max_frame,
			 "layer_frame", ops->layer == IO_LAYER_FRAME,
			 "capabilities", capabilities_describe(ops),
			 "available", available, "reason", err.cause, "remedy", err.remedy,
			 "version", version);
}

json_t *endpoint_describe(void)
{
	json_t *list = json_array();

	for (const struct io_ops *const *ops = io_table; list && *ops; ops++) {
		if (json_array_append_new(list, technique_describe(*ops))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
