/* SPDX-License-Identifier: Apache-2.0 */
#include "report/format.h"

#include <math.h>
#include <stdio.h>

void format_number(char text[FORMAT_MAX], double value, int decimals)
{
	/* 1e15: more digits than a double has, and no figure of ours */
	if (isfinite(value) && fabs(value) < 1e15)
		snprintf(text, FORMAT_MAX, "%.*f", decimals, value);
	else
		snprintf(text, FORMAT_MAX, "-");
}

/* Decimals that show three digits of value. */
static int decimals_for(double value)
{
	return value >= 100 ? 0 : value >= 10 ? 1 : 2;
}

struct unit unit_packet_rate(double largest)
{
	struct unit unit = { "pps", 1, 0 };

	if (largest >= 1e6)
		unit = (struct unit){ "Mpps", 1e6, 3 };
	else if (largest >= 1e4)
		unit = (struct unit){ "kpps", 1e3, 1 };
	return unit;
}

struct unit unit_bit_rate(double largest)
{
	if (largest >= 1e9)
		return (struct unit){ "Gbps", 1e9, 2 };
	if (largest >= 1e6)
		return (struct unit){ "Mbps", 1e6, largest >= 1e8 ? 0 : 1 };
	return (struct unit){ "kbps", 1e3, 1 };
}

void format_in_unit(char text[FORMAT_MAX], double value, const struct unit *unit)
{
	format_number(text, value / unit->scale, unit->decimals);
}

void format_packet_rate(char text[FORMAT_MAX], double pps)
{
	struct unit unit = unit_packet_rate(pps);
	char number[FORMAT_MAX];

	if (unit.scale > 1)
		unit.decimals = decimals_for(pps / unit.scale);
	format_in_unit(number, pps, &unit);
	snprintf(text, FORMAT_MAX, "%.30s %s", number, unit.name);
}

void format_microseconds(char text[FORMAT_MAX], double ns)
{
	format_number(text, ns / 1e3, decimals_for(ns / 1e3));
}

void format_percent(char text[FORMAT_MAX], double ratio)
{
	double percent = ratio * 100;

	if (percent > 0 && percent < 0.01)
		snprintf(text, FORMAT_MAX, "<0.01");
	else
		format_number(text, percent, percent < 10 ? 2 : 1);
}
