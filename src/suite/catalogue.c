/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/catalogue.h"

#include <stddef.h>
#include <string.h>

#include "control/port.h"

int catalogue_port(const struct catalogue_entry *io, const struct catalogue_entry *sw, const char *name)
{
	for (int kind = 0; kind < PORT_KINDS; kind++)
		if (PORT_BIT(kind) & io->ports & sw->ports &&
		    (!strcmp(name, "auto") || !strcmp(name, port_names[kind])))
			return kind;
	return -1;
}

const struct catalogue_entry *catalogue_find(const struct catalogue_list *list, const char *name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->entry[i].name, name))
			return &list->entry[i];
	return NULL;
}
