/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/distance.h"

#include "testbed/host/line.h"

/* A switch with threads is between the endpoints: its first thread; else the next endpoint. */
void distance_choose(struct distance *distance, const struct placement *placement)
{
	*distance = (struct distance){ .first = placement->endpoints ? placement->endpoint[0] : -1, .second = -1 };
	for (unsigned i = 0; i < placement->switch_threads && distance->second < 0; i++)
		if (placement->switch_thread[i] != distance->first)
			distance->second = placement->switch_thread[i];
	for (unsigned i = 1; i < placement->endpoints && distance->second < 0; i++)
		if (placement->endpoint[i] != distance->first)
			distance->second = placement->endpoint[i];
}

void distance_measure(const struct distance *distance, const struct clock_scale *clock, double *ns)
{
	*ns = 0;
	if (distance->first >= 0 && distance->second >= 0)
		line_measure(distance->first, distance->second, clock, ns, NULL);
}

static bool differ(double a_ns, double b_ns)
{
	return a_ns > 0 && b_ns > 0 && (a_ns > DISTANCE_FACTOR * b_ns || b_ns > DISTANCE_FACTOR * a_ns);
}

bool distance_changed(const struct distance *distance, double *usual_ns)
{
	if (*usual_ns <= 0)
		*usual_ns = distance->before_ns;
	return differ(distance->before_ns, distance->after_ns) || differ(distance->before_ns, *usual_ns);
}

static json_t *time_json(double ns)
{
	return ns > 0 ? json_real(ns) : json_null();
}

json_t *distance_json(const struct distance *distance)
{
	return distance->first < 0 || distance->second < 0 ? json_null() :
	       json_pack("{s:[i, i], s:o, s:o}", "processors", distance->first, distance->second,
			 "before_ns", time_json(distance->before_ns), "after_ns", time_json(distance->after_ns));
}
