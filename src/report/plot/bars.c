/* SPDX-License-Identifier: Apache-2.0 */
/* Where bars stand: a category has room for those alone that it has. */
#include "report/plot/script.h"

#define ROOM 0.8        /* of the distance between categories */
#define ROOM_POINTS 0.6 /* without bars' edges, that is what holds a category together */

bool plot_has_boxes(const struct plot *plot)
{
	return plot->form == PLOT_BARS && !plot->y.log;
}

/* How many measured series before `end` stand in a category. */
static size_t category_bars(const struct plot *plot, double category, size_t end)
{
	size_t bars = 0;

	for (size_t s = 0; s < end; s++)
		for (size_t i = 0; plot->series[s].kind == SERIES_MEASURED && i < plot->series[s].count; i++)
			if (plot->series[s].points[i].x == category) {
				bars++;
				break;
			}
	return bars;
}

size_t plot_bars(const struct plot *plot)
{
	size_t most = 1;

	for (size_t c = 0; c < plot->categories; c++) {
		size_t bars = category_bars(plot, (double)c, plot->count);

		most = bars > most ? bars : most;
	}
	return most;
}

double bar_aside(const struct plot *plot, size_t s, double category)
{
	double room = (plot_has_boxes(plot) ? ROOM : ROOM_POINTS) / (double)plot_bars(plot), place;

	while (s > 0 && plot->series[s].kind != SERIES_MEASURED)
		s--;
	place = (double)category_bars(plot, category, s);
	return (place - ((double)category_bars(plot, category, plot->count) - 1) / 2) * room;
}
