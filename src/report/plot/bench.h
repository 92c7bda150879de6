/* SPDX-License-Identifier: Apache-2.0 */
/* Where gnuplot works, and as whom: the folder of the plots itself, or where lanebench is root a copy of it. */
#ifndef LB_REPORT_PLOT_BENCH_H
#define LB_REPORT_PLOT_BENCH_H

#include "report/plot/plot.h"
#include "system/identity.h"
#include "util/error.h"

struct bench {
	int folder;               /* of the plots; -1 = none */
	int copy;                 /* in memory, and gnuplot's user's alone; -1 = it works in the folder itself */
	struct identity identity;
	uid_t user;               /* 0 = lanebench's own */
	char path[32];            /* of the directory to work in */
};

/* With the scripts and data of the plots. bench_close in every case. */
int bench_open(struct bench *bench, const struct plots *plots, const char *folder, struct error *err);
/* Put into the folder what was drawn. What is not there is passed over. */
int bench_take(const struct bench *bench, const struct plots *plots, bool pdf, struct error *err);
void bench_close(struct bench *bench);

#endif
