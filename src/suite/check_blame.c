/* SPDX-License-Identifier: Apache-2.0 */
/* Where and how the files that check a matrix say what is wrong. */
#include <stdio.h>

#include "suite/check.h"

const struct place *check_blame(const struct check *check, const struct axis_value *first,
				const struct axis_value *second)
{
	if (first->place.source != PLACE_NOWHERE)
		return &first->place;
	if (second && second->place.source != PLACE_NOWHERE)
		return &second->place;
	return &check->matrix->place;
}

void check_list(const struct catalogue_list *list, check_fits *fits, const struct catalogue_entry *other, char *text,
		size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (unsigned i = 0; i < list->count && used < size; i++)
		if (fits(&list->entry[i], other))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 list->entry[i].name);
}
