/* SPDX-License-Identifier: Apache-2.0 */
/* Plots as data, script, and as gnuplot draws them; whatever their texts hold. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/plot/plot.h"
#include "sample_record.h"

#define HOSTILE \
	"it's `id` @x $y %s {/=9} \\ </text><script>\xe2\x80\xae \n\x1b ' . system('touch canary') . '"

static char folder[256];
static struct plot plot[2];
static struct plot_series lines[3], bars[2];
static char categories[2][96];
static struct plot_point points[] = { { 64, 1.5, 1.25, 1.75 },
				      { 512, 1, NAN, NAN },
				      { 1500, 0.5, 0.25, 0.75 } };
static struct plot_point places[] = { { 0, 100, NAN, NAN }, { 1, 50, 40, 60 } };
static struct plots plots;

static int draw_setup(void **state)
{
	snprintf(folder, sizeof(folder), "%s", sample_directory());
	memset(plot, 0, sizeof(plot));
	for (int i = 0; i < 3; i++)
		lines[i] = (struct plot_series){ .label = "veth", .points = points, .count = 3 };
	lines[1].kind = SERIES_PUBLISHED;
	lines[2].kind = SERIES_GUIDE;
	for (int i = 0; i < 2; i++)
		bars[i] = (struct plot_series){ .label = "udp", .points = places, .count = 2 };
	snprintf(categories[0], sizeof(*categories), "100%%");
	snprintf(categories[1], sizeof(*categories), "50%%");
	plot[0] = (struct plot){ .name = "lines",
				 .title = "Title",
				 .summary = "What it says",
				 .form = PLOT_LINES,
				 .x = { "size (bytes)", true, false, false, true },
				 .y = { .label = "rate (Mpps)", .from_zero = true },
				 .series = lines,
				 .count = 3 };
	plot[1] = (struct plot){ .name = "bars",
				 .title = "Bars",
				 .summary = "Bars say",
				 .form = PLOT_BARS,
				 .y = { .label = "rate", .from_zero = true },
				 .category = categories,
				 .categories = 2,
				 .series = bars,
				 .count = 2 };
	plots = (struct plots){ .plot = plot, .count = 2, .made = 1700000000 };
	return 0;
}

static int draw_teardown(void **state)
{
	sample_remove(folder);
	return 0;
}

/* The file's content, to be freed; NULL where there is none. */
static char *content(const char *name, size_t *size)
{
	char path[512], *text;
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	assert_int_equal(fstat(fileno(file), &st), 0);
	text = calloc(1, (size_t)st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)st.st_size, file), (size_t)st.st_size);
	fclose(file);
	if (size)
		*size = (size_t)st.st_size;
	return text;
}

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_in(const char *name, const char *part)
{
	char *text = content(name, NULL);

	assert_non_null(text);
	if (!strstr(text, part)) {
		print_error("'%s' is not in %s:\n%s", part, name, text);
		fail();
	}
	free(text);
}

static void write_all(void)
{
	struct error err = { 0 };

	assert_int_equal(plots_write(&plots, folder, &err), 0);
}

static void test_data(void **state)
{
	write_all();
	expect_in("lines.dat", "# Column 1: size (bytes)\n# Column 2: rate (Mpps)\n");
	expect_in("lines.dat", "# index 0: veth\n64 1.5 1.25 1.75\n512 1 NaN NaN\n1500 0.5 0.25 0.75\n\n\n# "
			       "index 1: veth (published)\n");
	expect_in("bars.dat", "# Column 1 = 0: 100%\n");
	expect_in("lines.gp", "set xtics (64, 512, 1500)\n");
	expect_in("lines.gp", "set yrange [0:");
	expect_in("lines.gp", "plot 'lines.dat' index 0 using 1:($3 < $4 ? $3 : NaN)");
	expect_in("bars.gp", "('100%%' 0, '50%%' 1)"); /* a label of a tick is a format */
	expect_in("bars.gp", "index 1 using ($1+$5):2:(0.36) with boxes");
	expect_in("bars.dat", "# index 1: udp\n0 100 NaN NaN 0.2\n1 50 40 60 0.2\n");
}

/* A category has room for the bars that it has: a lonely one stands in the middle. */
static void test_bars_stand_close(void **state)
{
	bars[1].points = &places[1];
	bars[1].count = 1;
	write_all();
	expect_in("bars.dat", "# index 0: udp\n0 100 NaN NaN 0\n1 50 40 60 -0.2\n");
}

/* On a log axis no bar begins at zero: points, each series a shape, before its error bars. */
static void test_bars_of_log_axis(void **state)
{
	plot[1].y = (struct plot_axis){ .label = "rate", .log = true };
	write_all();
	expect_in("bars.gp", "set logscale y\n");
	expect_in("bars.gp", "index 1 using ($1+$5):2 with points ls 2");
	expect_in("bars.gp", "plot 'bars.dat' index 0 using ($1+$5):($3 < $4 ? $3 : NaN)");
}

/* A line to compare with does not squash the figures; nor is it cut off where it need not be. */
static void test_guide(void **state)
{
	static struct plot_point far[] = { { 64, 1, NAN, NAN }, { 1500, 10, NAN, NAN } };

	lines[2].points = far;
	lines[2].count = 2;
	write_all();
	expect_in("lines.gp", "set yrange [0:1.8");
	far[1].y = 3;
	write_all();
	expect_in("lines.gp", "set yrange [0:3.1");
}

static void test_complement(void **state)
{
	plot[0].x = (struct plot_axis){ .label = "percentile", .complement = true };
	points[0].x = 0;
	points[1].x = 0.99;
	points[2].x = 0.9999;
	write_all();
	points[0].x = 64;
	points[1].x = 512;
	points[2].x = 1500;
	expect_in("lines.gp", "set xtics ('0' 1, '90' 10, '99' 1e2, '99.9' 1e3, '99.99' 1e4)\n");
	expect_in("lines.gp", "using (1/(1-$1)):2");
}

/*
 * Quotes that are doubled stay inside; all else that gnuplot might replace stands in single quotes or is
 * gone.
 */
static void test_hostile_script(void **state)
{
	char *text;

	snprintf(lines[0].label, sizeof(lines[0].label), "%s", HOSTILE);
	snprintf(plot[0].title, sizeof(plot[0].title), "%s", HOSTILE);
	snprintf(plot[0].x.label, sizeof(plot[0].x.label), "%s", HOSTILE);
	write_all();
	expect_in("lines.gp", "title 'it''s `id` @x $y %s {/=9} \\ </text><script...'");
	expect_in("lines.gp",
		  "# it's ?id? ?x ?y %s {/=9} ? </text><script>?  ? ' . system('touch canary') . '\n");
	expect_in("lines.gp", "# set title 'it''s ?id?");
	text = content("lines.gp", NULL);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		bool quoted = false;

		for (const char *c = line; *line != '#' && *c; c++) {
			quoted ^= *c == '\'';
			assert_true(quoted || (*c != '`' && *c != '@' && *c != '"'));
			assert_true((unsigned char)*c >= 32 || *c == '\t');
		}
		assert_false(*line != '#' && quoted);
		assert_true(*line != '#' || (!strpbrk(line, "`@") && line[strlen(line) - 1] != '\\'));
	}
	free(text);
}

static void test_same_bytes(void **state)
{
	char *first[2], *second[2];

	write_all();
	first[0] = content("lines.dat", NULL);
	first[1] = content("lines.gp", NULL);
	write_all();
	second[0] = content("lines.dat", NULL);
	second[1] = content("lines.gp", NULL);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(first[i], second[i]);
		free(first[i]);
		free(second[i]);
	}
}

/* Draws; skips the test where there is no gnuplot. */
static void draw(void)
{
	struct error err = { 0 };
	int rc;

	write_all();
	rc = plots_draw(&plots, folder, true, &err);
	if (rc == -ENOENT) {
		print_message("skipped: %s; %s\n", err.cause, err.remedy);
		skip();
	}
	if (rc)
		print_error("%s\n", err.cause);
	assert_int_equal(rc, 0);
}

static void test_draw(void **state)
{
	const char *names[] = { "lines.svg", "lines.pdf", "bars.svg", "bars.pdf" };
	char *first[4], *second[4];
	size_t sizes[4], again;

	setenv("GNUTERM", "dumb", 1);
	draw();
	for (int i = 0; i < 4; i++)
		first[i] = content(names[i], &sizes[i]);
	setenv("GNUPLOT_PDF_CREATOR", "someone", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	draw();
	setenv("LC_ALL", "C", 1);
	for (int i = 0; i < 4; i++) {
		second[i] = content(names[i], &again);
		assert_non_null(first[i]);
		assert_non_null(second[i]);
		assert_int_equal(sizes[i], again);
		assert_memory_equal(first[i], second[i], again);
	}
	assert_non_null(strstr(first[0], "<svg"));
	assert_memory_equal(first[1], "%PDF-", 5);
	assert_non_null(memmem(first[1], sizes[1], "(D:20231114221320", 17)); /* 1700000000 */
	for (int i = 0; i < 4; i++) {
		free(first[i]);
		free(second[i]);
	}
}

static void test_draw_hostile(void **state)
{
	snprintf(lines[0].label, sizeof(lines[0].label), "%s", HOSTILE);
	snprintf(lines[2].label, sizeof(lines[2].label), "\xe4\xba\xa4\xe6\x8d\xa2 \xc3\xbc");
	snprintf(plot[0].title, sizeof(plot[0].title), "%s", HOSTILE);
	snprintf(plot[0].y.label, sizeof(plot[0].y.label), "%s", HOSTILE);
	snprintf(categories[0], sizeof(*categories), "%%s%%n%%d `id`'");
	draw();
	expect_in("bars.svg", "<text>%s%n%d `id`'</text>");
	expect_in("lines.svg", "\xe4\xba\xa4\xe6\x8d\xa2 \xc3\xbc");
	assert_null(content("canary", NULL));
}

static char *inline_svg(const struct plot *of, int expected)
{
	struct error err = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int rc = plot_inline_svg(out, of, folder, &err);

	fclose(out);
	if (rc != expected)
		print_error("%s\n", err.cause);
	assert_int_equal(rc, expected);
	return text;
}

static void test_inline(void **state)
{
	char *text;

	snprintf(lines[0].label, sizeof(lines[0].label), "</text><script>alert(1)</script>");
	snprintf(plot[0].summary, sizeof(plot[0].summary), "\"><script>");
	draw();
	text = inline_svg(&plot[0], 0);
	assert_memory_equal(text, "<svg class=\"plot\"", 17);
	assert_non_null(
		strstr(text, "role=\"img\" aria-label=\"&quot;&gt;&lt;script&gt;\"><title>Title</title>"));
	assert_non_null(strstr(text, "var(--s1,#0072b2)"));
	assert_non_null(strstr(text, "var(--guide,"));
	assert_non_null(strstr(text, "var(--grid,"));
	assert_non_null(strstr(text, "xlink:href=\"#lines-gpPt"));
	assert_non_null(strstr(text, "&lt;/text&gt;&lt;script&gt;"));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "id=\"gp"));
	assert_null(strstr(text, "rgb("));
	assert_null(strstr(text, "<?xml"));
	assert_null(strstr(text, "black"));
	free(text);
}

/* What somebody put in the place of a plot. */
static void test_inline_refuses(void **state)
{
	static const char *const bodies[] = {
		"<script>alert(1)</script>",
		"<g onload=\"alert(1)\"/>",
		"<use xlink:href=\"http://example.com/x#y\"/>",
		"<rect fill=\"url(http://example.com/x)\"/>",
		"<image x=\"0\"/>",
		"<foreignObject/>",
		"<g id=x/>",
		"<svg viewBox=\"0 0 1 1\"></svg>",
		"<!-- x -->",
		"<g id=\"x\"",
		"<title>without end",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		snprintf(text, sizeof(text), "<svg viewBox=\"0 0 600 400\">%s</svg>", bodies[i]);
		put("lines.svg", text);
		free(inline_svg(&plot[0], -EPROTO));
	}
	put("lines.svg", "no svg at all");
	free(inline_svg(&plot[0], -EPROTO));
	put("lines.svg", "");
	free(inline_svg(&plot[0], -EPROTO));
	free(inline_svg(&plot[1], -ENOENT));
}

/* A program of that name that comes earlier in PATH is not asked. */
static void test_no_other_gnuplot(void **state)
{
	char *path = strdup(getenv("PATH")), script[300], program[300];

	put("gnuplot", "#!/bin/sh\ntouch canary\n");
	snprintf(program, sizeof(program), "%s/gnuplot", folder);
	assert_int_equal(chmod(program, 0755), 0);
	setenv("PATH", folder, 1);
	draw();
	setenv("PATH", path, 1);
	free(path);
	snprintf(script, sizeof(script), "%s/canary", folder);
	assert_int_equal(access(script, F_OK), -1);
	expect_in("lines.svg", "<svg");
	unlink(program);
}

/*
 * A script that does what it likes: as whom it runs, with which capabilities, in which environment, and that it
 * can write nowhere but where it works.
 */
static void test_gnuplot_is_confined(void **state)
{
	char *told, script[700];

	draw();
	setenv("GCONV_PATH", "/nowhere", 1);
	snprintf(script, sizeof(script), "set print 'lines.svg'\nprint system('grep -h -e ^Uid -e ^CapEff -e ^CapBnd "
		 "-e ^NoNewPrivs /proc/self/status')\nprint system('env')\n"
		 "print system('touch %s/canary 2>&1; cat /etc/shadow 2>&1')\n", folder);
	put("lines.gp", script);
	assert_int_equal(plots_draw(&plots, folder, false, NULL), 0);
	told = content("lines.svg", NULL);
	assert_non_null(told);
	assert_null(strstr(told, "GCONV_PATH"));
	assert_non_null(strstr(told, "CapEff:\t0000000000000000"));
	assert_non_null(strstr(told, "NoNewPrivs:\t1"));
	if (!geteuid()) {
		assert_non_null(strstr(told, "CapBnd:\t0000000000000000"));
		assert_null(strstr(told, "Uid:\t0"));
		assert_non_null(strstr(told, "/canary': Permission denied"));
		assert_non_null(strstr(told, "/etc/shadow: Permission denied"));
	}
	free(told);
}

/* The second script fails: what the first one drew goes, too, and the reason is told. */
static void test_gnuplot_fails(void **state)
{
	struct error err = { 0 };

	draw();
	put("bars.gp", "plot nonsense(\n");
	assert_int_equal(plots_draw(&plots, folder, true, &err), -EIO);
	assert_non_null(strstr(err.cause, "gnuplot failed: "));
	assert_non_null(strstr(err.cause, "bars.gp"));
	assert_null(content("lines.svg", NULL));
	assert_null(content("lines.pdf", NULL));
	expect_in("lines.dat", "# index 0"); /* what was written stays: it is what one looks at now */
}

static void test_folder_missing(void **state)
{
	struct error err = { 0 };

	assert_int_equal(plots_write(&plots, "/nonexistent/folder", &err), -ENOENT);
	assert_non_null(strstr(err.cause, "/nonexistent/folder"));
}

#define DRAW(function) cmocka_unit_test_setup_teardown(function, draw_setup, draw_teardown)

int main(void)
{
	const struct CMUnitTest all[] = {
		DRAW(test_data), DRAW(test_bars_stand_close), DRAW(test_bars_of_log_axis),
		DRAW(test_guide), DRAW(test_complement), DRAW(test_hostile_script),
		DRAW(test_same_bytes),
		DRAW(test_draw), DRAW(test_draw_hostile), DRAW(test_inline), DRAW(test_inline_refuses),
		DRAW(test_no_other_gnuplot), DRAW(test_gnuplot_is_confined), DRAW(test_gnuplot_fails),
		DRAW(test_folder_missing),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
