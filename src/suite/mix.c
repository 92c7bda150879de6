/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/mix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite/excerpt.h"

static const struct mix imix = { .part = { { 60, 7 }, { 566, 4 }, { 1514, 1 } }, .count = 3 };

/* Digits at *at, past them. False where there are none, or more than a size or a weight has. */
static bool read_number(const char **at, uint32_t *number)
{
	size_t length = strspn(*at, "0123456789");

	*number = 0;
	if (!length || length > 5)
		return false;
	for (; length; length--, (*at)++)
		*number = *number * 10 + (uint32_t)(**at - '0');
	return true;
}

int mix_parse(const char *text, struct mix *mix, struct error *err)
{
	static const char remedy[] = "for example 64:7+570:4+1518:1, or imix";
	const char *at = text;
	uint32_t weights = 0;

	*mix = (struct mix){ 0 };
	if (!strcmp(text, "imix")) {
		*mix = imix;
		return 0;
	}
	do {
		struct mix_part part = { .weight = 1 };

		at += *at == '+';
		if (mix->count == MIX_PARTS_MAX)
			return error_set(err, EINVAL, remedy, "'%s' mixes more than %u sizes", excerpt(text).text,
					 MIX_PARTS_MAX);
		if (!read_number(&at, &part.size) || (*at == ':' && (at++, !read_number(&at, &part.weight))) ||
		    !part.weight || (*at && *at != '+'))
			return error_set(err, EINVAL, remedy, "'%s' is not a mix of sizes with weights",
					 excerpt(text).text);
		mix->part[mix->count++] = part;
		weights += part.weight;
	} while (*at);
	if (weights > MIX_WEIGHTS_MAX)
		return error_set(err, EINVAL, "divide all weights by the same number",
				 "the weights of '%s' come to more than %u", excerpt(text).text, MIX_WEIGHTS_MAX);
	return 0;
}

uint32_t mix_largest(const struct mix *mix)
{
	uint32_t largest = 0;

	for (unsigned i = 0; i < mix->count; i++)
		if (mix->part[i].size > largest)
			largest = mix->part[i].size;
	return largest;
}

void mix_format(const struct mix *mix, char *text, size_t size)
{
	size_t used = 0;

	if (!memcmp(mix, &imix, sizeof(imix))) {
		snprintf(text, size, "imix");
		return;
	}
	text[0] = 0;
	for (unsigned i = 0; i < mix->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%u:%u", i ? "+" : "", mix->part[i].size,
					 mix->part[i].weight);
}
