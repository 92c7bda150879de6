/* SPDX-License-Identifier: Apache-2.0 */
/* Rates as users write them. */
#include "search/rate.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/suggest.h"

#define DIGITS_MAX 15    /* a double has them all */
#define SHOWN_MAX 24     /* of what is wrong, in a message */
#define STEP_SHARE 0.1   /* of a sweep in shares, where none is given */
#define PPS_PARTS 1000.0 /* rates are whole thousandths of a packet/s */
#define SHARE_PARTS 1e6  /* shares are whole millionths */
#define ROUNDING 1e-6    /* of a step */

#define FORMS "max, 1.5M, ndr, pdr, mrr, loss-curve, pdr:50%, 1M..20M step 1M, 10%..100% or best:1M..20M step 1M"

static const struct {
	const char *name;
	enum rate_kind kind;
	bool has_shares;
} words[] = {
	{ "max", RATE_UNLIMITED, false }, { "ndr", RATE_NDR, true },
	{ "pdr", RATE_PDR, true },        { "mrr", RATE_MRR, true },
	{ "loss-curve", RATE_LOSS_CURVE, false }, { "best", RATE_BEST, false },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

struct cursor {
	const char *text, *at;
	struct error *err;
};

struct quantity {
	const char *at;   /* where it was written */
	double value;     /* packets/s, or a share */
	bool is_share;
};

static void skip_blanks(struct cursor *cursor)
{
	cursor->at += strspn(cursor->at, " \t");
}

static bool is_printable(char c)
{
	return c > ' ' && c <= '~';
}

/* -EINVAL with "rate, at character N ('...'): <what>". */
static int __attribute__((format(printf, 4, 5)))
wrong(const struct cursor *cursor, const char *at, const char *remedy, const char *what, ...)
{
	char text[256], shown[SHOWN_MAX + 8] = "its end";
	int length = 0;
	va_list args;

	va_start(args, what);
	vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	while (length < SHOWN_MAX && is_printable(at[length]))
		length++;
	if (length)
		snprintf(shown, sizeof(shown), "'%.*s%s'", length, at, is_printable(at[length]) ? "..." : "");
	else if (at[0])
		snprintf(shown, sizeof(shown), "not ASCII");
	return error_set(cursor->err, EINVAL, remedy, "rate, at character %zu (%s): %s",
			 (size_t)(at - cursor->text) + 1, shown, text);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Not strtod: that reads infinities, exponents and hexadecimals, and depends on the locale. */
static int read_decimal(struct cursor *cursor, double *digits, double *over)
{
	const char *begin = cursor->at;
	bool fraction = false;
	int count = 0;

	*digits = 0;
	*over = 1;
	for (;; cursor->at++) {
		/* ".." ends a number. */
		if (*cursor->at == '.' && !fraction && is_digit(cursor->at[1])) {
			fraction = true;
			continue;
		}
		if (!is_digit(*cursor->at))
			break;
		if (++count > DIGITS_MAX)
			return wrong(cursor, begin, "use a suffix: k, M, G",
				     "a number of more than %d digits", DIGITS_MAX);
		*digits = *digits * 10 + (*cursor->at - '0');
		*over *= fraction ? 10 : 1;
	}
	return count ? 0 : wrong(cursor, begin, "allowed: " FORMS, "a number was expected");
}

static int check_range(const struct cursor *cursor, const struct quantity *quantity)
{
	double min = quantity->is_share ? RATE_SHARE_MIN : RATE_PPS_MIN;
	double max = quantity->is_share ? RATE_SHARE_MAX : RATE_PPS_MAX;

	if (quantity->value >= min && quantity->value <= max)
		return 0;
	if (quantity->is_share)
		return wrong(cursor, quantity->at, "give 0.01% to 1000%", "a share out of range");
	return wrong(cursor, quantity->at, "give 1 to 1G packets per second", "a rate out of range");
}

/* A number with its unit: "1.5M", "10%". */
static int read_quantity(struct cursor *cursor, struct quantity *quantity)
{
	double digits, over, times = 1;
	int ret;

	skip_blanks(cursor);
	quantity->at = cursor->at;
	quantity->is_share = false;
	ret = read_decimal(cursor, &digits, &over);
	if (ret)
		return ret;
	switch (*cursor->at) {
	case 'k':
	case 'K': times = 1e3; break;
	case 'M': times = 1e6; break;
	case 'G': times = 1e9; break;
	case '%': quantity->is_share = true; break;
	}
	cursor->at += times > 1 || quantity->is_share;
	if (is_letter(*cursor->at))
		return wrong(cursor, cursor->at, "use k, M, G (powers of 1000) or %", "an unknown unit");
	if (quantity->is_share)
		quantity->value = round(digits * (SHARE_PARTS / 100) / over) / SHARE_PARTS;
	else
		quantity->value = round(digits * times * PPS_PARTS / over) / PPS_PARTS;
	return check_range(cursor, quantity);
}

static int read_end(struct cursor *cursor, const char *remedy)
{
	skip_blanks(cursor);
	return *cursor->at ? wrong(cursor, cursor->at, remedy, "nothing more was expected") : 0;
}

/* Of a word at `at`: letters, and hyphens within. */
static size_t word_length(const char *at)
{
	size_t length = 0;

	while (is_letter(at[length]) || (length && at[length] == '-'))
		length++;
	return length;
}

static int unknown_word(const struct cursor *cursor, size_t length)
{
	const char *candidates[WORDS + 1] = { NULL }, *near;
	char word[SHOWN_MAX];

	for (size_t i = 0; i < WORDS; i++)
		candidates[i] = words[i].name;
	snprintf(word, sizeof(word), "%.*s", length < sizeof(word) ? (int)length : 0, cursor->at);
	near = suggest(word, candidates);
	return wrong(cursor, cursor->at, "allowed: " FORMS,
		     near ? "an unknown word (did you mean '%s'?)" : "an unknown word", near);
}

/* [step N]; the default where there is one. */
static int read_step(struct cursor *cursor, bool is_share, struct quantity *step)
{
	skip_blanks(cursor);
	step->at = cursor->at;
	step->is_share = is_share;
	step->value = STEP_SHARE;
	if (word_length(cursor->at) == 4 && !memcmp(cursor->at, "step", 4)) {
		cursor->at += 4;
		return read_quantity(cursor, step);
	}
	if (*cursor->at)
		return wrong(cursor, cursor->at, "write sweeps as 1M..20M step 1M", "'step' was expected");
	return is_share ? 0 : wrong(cursor, cursor->at, "write sweeps as 1M..20M step 1M",
				    "a sweep needs a step");
}

static int check_sweep(const struct cursor *cursor, const struct quantity *to, const struct quantity *step,
		       const struct rate *rate)
{
	if (!(rate->from < rate->to))
		return wrong(cursor, to->at, "begin with the lower end, as 1M..20M step 1M",
			     "the sweep does not end above its beginning");
	if (rate->step > rate->to - rate->from + ROUNDING)
		return wrong(cursor, step->at, "give a smaller step",
			     *step->at
				     ? "the step is longer than the sweep"
				     : "the step, a tenth of the MRR if not given, is longer than the sweep");
	if ((rate->to - rate->from) / rate->step > RATE_POINTS_MAX - 2)
		return wrong(cursor, step->at, "give a larger step", "a sweep of more than %d points",
			     RATE_POINTS_MAX);
	return 0;
}

static int parse_sweep(struct cursor *cursor, const struct quantity *from, struct rate *rate)
{
	struct quantity to, step;
	int ret = read_quantity(cursor, &to);

	if (!ret && to.is_share != from->is_share)
		return wrong(cursor, to.at,
			     "give both ends in packets per second, or both in percent of the MRR",
			     "the ends of the sweep have different units");
	if (!ret)
		ret = read_step(cursor, from->is_share, &step);
	if (ret)
		return ret;
	if (step.is_share != from->is_share)
		return wrong(cursor, step.at, "give the step in the unit of the ends",
			     "the step has another unit than the ends");
	rate->kind = from->is_share ? RATE_SWEEP_SHARE : RATE_SWEEP;
	rate->to = to.value;
	rate->step = step.value;
	ret = check_sweep(cursor, &to, &step, rate);
	return ret ? ret : read_end(cursor, "write sweeps as 1M..20M step 1M");
}

static int parse_number(struct cursor *cursor, struct rate *rate)
{
	struct quantity from;
	int ret = read_quantity(cursor, &from);

	if (ret)
		return ret;
	rate->from = from.value;
	skip_blanks(cursor);
	if (cursor->at[0] == '.' && cursor->at[1] == '.') {
		cursor->at += 2;
		return parse_sweep(cursor, &from, rate);
	}
	if (from.is_share)
		return wrong(cursor, from.at, "write mrr:50%, pdr:50% or a sweep as 10%..100%",
			     "a share of what is not said");
	rate->kind = RATE_FIXED;
	return read_end(cursor, "allowed: " FORMS);
}

static int parse_best(struct cursor *cursor, struct rate *rate)
{
	const char *sweep = cursor->at + 1;
	int ret;

	if (*cursor->at != ':')
		return wrong(cursor, cursor->at, "write it as best:1M..20M step 1M", "the sweep was expected");
	cursor->at++;
	ret = parse_number(cursor, rate);
	if (!ret && rate->kind != RATE_SWEEP)
		ret = wrong(cursor, sweep, "write it as best:1M..20M step 1M", "a sweep of rates was expected");
	rate->kind = RATE_BEST;
	return ret;
}

static int parse_word(struct cursor *cursor, struct rate *rate)
{
	size_t length = word_length(cursor->at), i = 0;
	struct quantity share;
	int ret;

	while (i < WORDS && (strlen(words[i].name) != length || memcmp(words[i].name, cursor->at, length)))
		i++;
	if (i == WORDS)
		return unknown_word(cursor, length);
	cursor->at += length;
	rate->kind = words[i].kind;
	if (rate->kind == RATE_BEST)
		return parse_best(cursor, rate);
	if (!words[i].has_shares || *cursor->at != ':')
		return read_end(cursor, words[i].has_shares ? "write a share as pdr:50%; the loss ratio is a "
							      "parameter of its own" :
							      "allowed: " FORMS);
	cursor->at++;
	ret = read_quantity(cursor, &share);
	if (ret)
		return ret;
	if (!share.is_share)
		return wrong(cursor, share.at, "write a share as pdr:50%", "a percentage was expected");
	rate->of = rate->kind;
	rate->kind = RATE_SHARE;
	rate->from = share.value;
	return read_end(cursor, "allowed: " FORMS);
}

int rate_parse(const char *text, struct rate *rate, struct error *err)
{
	struct cursor cursor = { .text = text, .at = text, .err = err };

	memset(rate, 0, sizeof(*rate));
	skip_blanks(&cursor);
	if (word_length(cursor.at))
		return parse_word(&cursor, rate);
	return parse_number(&cursor, rate);
}

/* "1500000", "0.25": `parts` make one; no zeros at the end. Integers alone, so no locale's comma. */
static void format_parts(double value, double parts, int digits, char *text, size_t size)
{
	uint64_t all = (uint64_t)llround(value * parts), one = (uint64_t)parts;
	uint64_t rest = all % one;

	while (digits > 0 && rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	if (digits)
		snprintf(text, size, "%llu.%0*llu", (unsigned long long)(all / one), digits,
			 (unsigned long long)rest);
	else
		snprintf(text, size, "%llu", (unsigned long long)(all / one));
}

static void format_pps(double pps, char *text, size_t size)
{
	format_parts(pps, PPS_PARTS, 3, text, size);
}

static void format_percent(double share, char *text, size_t size)
{
	format_parts(share * 100, SHARE_PARTS / 100, 4, text, size);
}

static const char *word_of(enum rate_kind kind)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].kind == kind)
			return words[i].name;
	return "";
}

void rate_format(const struct rate *rate, char *text, size_t size)
{
	char from[24], to[24], step[24];

	switch (rate->kind) {
	case RATE_FIXED:
		format_pps(rate->from, text, size);
		break;
	case RATE_SHARE:
		format_percent(rate->from, from, sizeof(from));
		snprintf(text, size, "%s:%s%%", word_of(rate->of), from);
		break;
	case RATE_SWEEP:
	case RATE_BEST:
		format_pps(rate->from, from, sizeof(from));
		format_pps(rate->to, to, sizeof(to));
		format_pps(rate->step, step, sizeof(step));
		snprintf(text, size, "%s%s..%s step %s", rate->kind == RATE_BEST ? "best:" : "", from, to, step);
		break;
	case RATE_SWEEP_SHARE:
		format_percent(rate->from, from, sizeof(from));
		format_percent(rate->to, to, sizeof(to));
		format_percent(rate->step, step, sizeof(step));
		snprintf(text, size, "%s%%..%s%% step %s%%", from, to, step);
		break;
	default:
		snprintf(text, size, "%s", word_of(rate->kind));
		break;
	}
}

unsigned rate_points(const struct rate *rate)
{
	double steps, whole;

	if ((rate->kind != RATE_SWEEP && rate->kind != RATE_SWEEP_SHARE && rate->kind != RATE_BEST) ||
	    !(rate->step > 0))
		return 0;
	steps = (rate->to - rate->from) / rate->step;
	if (!(steps >= 0 && steps <= RATE_POINTS_MAX))
		return 0;
	whole = floor(steps + ROUNDING);
	return (unsigned)whole + 1 + (steps - whole > ROUNDING);
}

double rate_point(const struct rate *rate, unsigned n)
{
	return n + 1 >= rate_points(rate) ? rate->to : rate->from + n * rate->step;
}
