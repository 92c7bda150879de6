/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for people. NAN and infinity become "-". */
#ifndef LB_REPORT_FORMAT_H
#define LB_REPORT_FORMAT_H

#define FORMAT_MAX 48

/* A unit for a whole column, so that its figures compare at a glance. */
struct unit {
	const char *name;
	double scale;  /* divide by it */
	int decimals;
};

/* pps, kpps or Mpps, and kbps to Gbps, for a column whose largest value is `largest` (per second). */
struct unit unit_packet_rate(double largest);
struct unit unit_bit_rate(double largest);

void format_in_unit(char text[FORMAT_MAX], double value, const struct unit *unit);
/* With a unit of its own: "1.42 Mpps". */
void format_packet_rate(char text[FORMAT_MAX], double pps);
/* Nanoseconds as microseconds, three digits or more, without the unit: 1.23, 45.6, 789, 12345. */
void format_microseconds(char text[FORMAT_MAX], double ns);
/* A share as percent, without the sign; what is not nothing never reads as 0. */
void format_percent(char text[FORMAT_MAX], double ratio);
void format_number(char text[FORMAT_MAX], double value, int decimals);

#endif
