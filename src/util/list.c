/* SPDX-License-Identifier: Apache-2.0 */
#include "util/list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LIST_REMEDY "write numbers and ranges separated by commas, without spaces, such as 0-3,8"

/* Digits at *text to *number, past them. False if there are none, or if the number is not below max. */
static bool list_number(const char **text, unsigned max, unsigned *number)
{
	const char *at = *text;
	unsigned value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (unsigned)(*at - '0');
		if (value >= max)
			return false;
	}
	if (at == *text)
		return false;
	*text = at;
	*number = value;
	return true;
}

/* Insert into a sorted list, unless it is there already. Returns the new count. */
static unsigned list_insert(int *list, unsigned count, int number)
{
	unsigned at = count;

	while (at > 0 && list[at - 1] > number)
		at--;
	if (at > 0 && list[at - 1] == number)
		return count;
	memmove(&list[at + 1], &list[at], (count - at) * sizeof(*list));
	list[at] = number;
	return count + 1;
}

int list_parse(const char *text, int *list, unsigned max, struct error *err)
{
	const char *at = text;
	unsigned count = 0, first, last;

	do {
		const char *part = at;

		if (!list_number(&at, max, &first))
			goto bad;
		last = first;
		if (*at == '-' && (at++, !list_number(&at, max, &last)))
			goto bad;
		if (*at && *at != ',')
			goto bad;
		if (last < first)
			return error_set(err, EINVAL, LIST_REMEDY,
					 "range '%.*s' of list '%.64s' runs backwards", (int)(at - part),
					 part, text);
		for (; first <= last; first++)
			count = list_insert(list, count, (int)first);
	} while (*at++ == ',');
	return (int)count;
bad:
	return error_set(err, EINVAL, LIST_REMEDY, "'%.64s' is not a list of numbers from 0 to %u", text,
			 max - 1);
}

void list_format(const int *list, unsigned count, char *text, size_t size)
{
	size_t used = 0;
	unsigned last;

	if (size)
		text[0] = 0;
	for (unsigned first = 0; first < count; first = last + 1) {
		char part[32];
		int length;

		for (last = first; last + 1 < count && list[last + 1] == list[last] + 1; last++)
			;
		length = snprintf(part, sizeof(part), "%s%d", first ? "," : "", list[first]);
		if (last > first)
			length += snprintf(part + length, sizeof(part) - (size_t)length, "-%d", list[last]);
		if (used + (size_t)length >= size)
			return;
		memcpy(text + used, part, (size_t)length + 1);
		used += (size_t)length;
	}
}
