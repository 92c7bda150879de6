/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/choose.h"
#include "util/text.h"

/*
 * Room for one more of `count`: it grows by doubling, at powers of two. NULL without memory; `array` then
 * stays.
 */
static void *array_grow(void *array, size_t count, size_t size)
{
	if (count && (count & (count - 1)))
		return array;
	return reallocarray(array, count ? count * 2 : 1, size);
}

struct plot *plots_add(struct plots *plots, enum plot_topic topic, enum plot_form form)
{
	struct plot *grown = array_grow(plots->plot, plots->count, sizeof(*grown)), *plot;

	if (!grown)
		return NULL;
	plots->plot = grown;
	plot = &grown[plots->count++];
	memset(plot, 0, sizeof(*plot));
	plot->topic = topic;
	plot->form = form;
	return plot;
}

void plot_clear(struct plot *plot)
{
	for (size_t i = 0; i < plot->count; i++)
		free(plot->series[i].points);
	free(plot->series);
	free(plot->category);
	memset(plot, 0, sizeof(*plot));
}

struct plot_series *plot_add_series(struct plot *plot, enum series_kind kind)
{
	struct plot_series *grown = array_grow(plot->series, plot->count, sizeof(*grown)), *series;

	if (!grown)
		return NULL;
	plot->series = grown;
	series = &grown[plot->count++];
	memset(series, 0, sizeof(*series));
	series->kind = kind;
	return series;
}

int series_add(struct plot_series *series, double x, double y, double low, double high)
{
	struct plot_point *grown = array_grow(series->points, series->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	series->points = grown;
	grown[series->count++] = (struct plot_point){ x, y, low, high };
	return 0;
}

static void name_make(char *name, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text && used + 1 < size; text++) {
		bool plain = (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9');

		if (*text >= 'A' && *text <= 'Z')
			name[used++] = (char)(*text - 'A' + 'a');
		else if (plain)
			name[used++] = *text;
		else if (used && name[used - 1] != '-')
			name[used++] = '-';
	}
	while (used && name[used - 1] == '-')
		used--;
	name[used] = 0;
}

static bool name_taken(const struct plots *plots, const struct plot *plot)
{
	for (size_t i = 0; i < plots->count; i++)
		if (&plots->plot[i] != plot && !strcmp(plots->plot[i].name, plot->name))
			return true;
	return false;
}

void plots_name(struct plots *plots, struct plot *plot, const char *format, ...)
{
	char text[512], base[60];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	name_make(base, sizeof(base), text);
	snprintf(plot->name, sizeof(plot->name), "%s", base);
	for (unsigned n = 2; name_taken(plots, plot); n++)
		snprintf(plot->name, sizeof(plot->name), "%s-%u", base, n);
}
