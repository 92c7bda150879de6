/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/catalogue.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

int catalogue_port(const struct catalogue_entry *io, const struct catalogue_entry *sw)
{
	return ffs((int)(io->ports & sw->ports)) - 1;
}

const struct catalogue_entry *catalogue_find(const struct catalogue_list *list, const char *name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->entry[i].name, name))
			return &list->entry[i];
	return NULL;
}
