/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawn plot as part of a page. The file is read as what gnuplot writes, element by element; anything else
 * (a script, a link to elsewhere) ends it with an error, so that the page never holds more than lines and
 * text, whatever the record or the folder held.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"
#include "report/plot/script.h"

#define FILE_MAX (16u << 20)

struct inliner {
	FILE *out;
	const struct plot *plot;
	const char *at;          /* what is yet to be read */
	struct error *err;
};

static const char *const elements_allowed[] = {
	"svg", "g", "defs", "path", "rect", "circle", "use", "text", "tspan", "polygon", "polyline", "line",
	"pattern", "title", "desc",
};
/* With all that is in them: names that mean nothing to a reader, and what no plot of ours uses. */
static const char *const elements_dropped[] = { "title", "desc", "filter" };
static const char *const attributes_allowed[] = {
	"id", "d", "x", "y", "width", "height", "r", "cx", "cy", "points", "transform", "fill", "stroke",
	"color", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
	"stroke-miterlimit", "stroke-opacity", "fill-opacity", "fill-rule", "opacity", "shape-rendering",
	"font-family", "font-size", "font-weight", "font-style", "text-anchor", "xlink:href",
	"patternUnits", "patternTransform", "class", "dy", "dx", "xml:space", "style",
};

static bool listed(const char *const *list, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && !memcmp(list[i], name, length))
			return true;
	return false;
}

#define LISTED(list, name, length) listed(list, sizeof(list) / sizeof(*(list)), name, length)

static int not_ours(struct inliner *inliner, const char *what, size_t length)
{
	return error_set(inliner->err, EPROTO, "make the report anew",
			 "%s.svg holds what gnuplot does not write: %.*s", inliner->plot->name,
			 (int)(length < 60 ? length : 60), what);
}

/* "rgb(  0, 114, 178)", "#0072b2", "black", "white": as a number; -1: none of these. */
static long colour_read(const char *value, size_t length)
{
	char text[32];
	unsigned r, g, b;
	int end = 0;

	if (length >= sizeof(text))
		return -1;
	memcpy(text, value, length);
	text[length] = 0;
	if (!strcmp(text, "black"))
		return 0;
	if (!strcmp(text, "white"))
		return 0xffffff;
	if (sscanf(text, " rgb( %u , %u , %u )%n", &r, &g, &b, &end) == 3 && end == (int)length && r < 256 &&
	    g < 256 && b < 256)
		return (long)(r << 16 | g << 8 | b);
	if (sscanf(text, "#%2x%2x%2x%n", &r, &g, &b, &end) == 3 && end == (int)length)
		return (long)(r << 16 | g << 8 | b);
	return -1;
}

/* False: no colour that the page has a name for. */
static bool colour_write(FILE *out, const char *value, size_t length)
{
	long colour = colour_read(value, length);

	if (colour < 0)
		return false;
	if (colour == 0) {
		fputs("currentColor", out);
		return true;
	}
	for (size_t i = 0; i < COLOURS; i++)
		if (colour == strtol(&series_colour(i)[1], NULL, 16)) {
			fprintf(out, "var(--s%zu,%s)", i + 1, series_colour(i));
			return true;
		}
	if (colour == strtol(&COLOUR_GUIDE[1], NULL, 16))
		fputs("var(--guide," COLOUR_GUIDE ")", out);
	else if (colour == strtol(&COLOUR_GRID[1], NULL, 16))
		fputs("var(--grid," COLOUR_GRID ")", out);
	else
		return false;
	return true;
}

/* Coordinates with one decimal and no line ends: a tenth of a pixel is more than one sees. */
static void path_write(FILE *out, const char *value, size_t length)
{
	unsigned decimals = 0;
	bool space = false, fraction = false;

	for (size_t i = 0; i < length; i++) {
		char c = value[i];

		if (isspace((unsigned char)c)) {
			space = true;
			fraction = false;
			continue;
		}
		if (space && i)
			fputc(' ', out);
		space = false;
		if (c == '.') {
			fraction = true;
			decimals = 0;
		} else if (!isdigit((unsigned char)c)) {
			fraction = false;
		} else if (fraction && ++decimals > 1) {
			continue;
		}
		fputc(c, out);
	}
}

/*
 * What fills bars is hatched by a pattern of its own, whose style names gnuplot's default colour; the colour
 * of the series is that of the border, which follows. As attributes, since the page's policy lets no style
 * act.
 */
static void style_write(struct inliner *inliner, const char *value, size_t length)
{
	static const char border[] = "<path stroke='rgb(";
	const bool lines = length > 9 && !memcmp(value, "fill:none", 9);
	const char *next = strstr(inliner->at, border), *colour = next ? next + sizeof(border) - 5 : NULL;
	const char *end = colour ? strchr(colour, '\'') : NULL;

	fprintf(inliner->out, lines ? " fill=\"none\" stroke=\"" : " stroke=\"none\" fill=\"");
	if (!end || !colour_write(inliner->out, colour, (size_t)(end - colour)))
		fputs("currentColor", inliner->out);
	fputc('"', inliner->out);
}

static void attribute_write(struct inliner *inliner, const char *name, size_t name_length, const char *value,
			    size_t length)
{
	FILE *out = inliner->out;

	if (LISTED(((const char *const[]){ "style" }), name, name_length)) {
		style_write(inliner, value, length);
		return;
	}
	fprintf(out, " %.*s=\"", (int)name_length, name);
	if (LISTED(((const char *const[]){ "id" }), name, name_length))
		fprintf(out, "%s-%.*s", inliner->plot->name, (int)length, value);
	else if (LISTED(((const char *const[]){ "xlink:href" }), name, name_length))
		fprintf(out, "#%s-%.*s", inliner->plot->name, (int)length - 1, value + 1);
	else if (length > 5 && !memcmp(value, "url(#", 5))
		fprintf(out, "url(#%s-%.*s", inliner->plot->name, (int)length - 5, value + 5);
	else if (LISTED(((const char *const[]){ "d", "points" }), name, name_length) && length > 60)
		path_write(out, value, length);
	else if (!colour_write(out, value, length))
		fwrite(value, 1, length, out);
	fputc('"', out);
}

/* No quote and no markup in it; a reference goes to this plot, nowhere else. */
static bool value_is_ours(const char *name, size_t name_length, const char *value, size_t length)
{
	if (memchr(value, '<', length) || memchr(value, '"', length) || memchr(value, '&', length))
		return false;
	if (LISTED(((const char *const[]){ "xlink:href" }), name, name_length))
		return length > 1 && *value == '#';
	if (memmem(value, length, "url(", 4))
		return length > 5 && !memcmp(value, "url(#", 5);
	return LISTED(attributes_allowed, name, name_length);
}

/* The attributes of a tag, up to its end; *empty: it ends with "/>". `write` false: read over them. */
static int attributes_read(struct inliner *inliner, bool write, bool *empty)
{
	for (;;) {
		const char *name, *value, *end;
		size_t name_length;

		inliner->at += strspn(inliner->at, " \t\r\n");
		*empty = inliner->at[0] == '/' && inliner->at[1] == '>';
		if (*inliner->at == '>' || *empty) {
			inliner->at += *empty ? 2 : 1;
			return 0;
		}
		name = inliner->at;
		name_length = strcspn(name, "= \t\r\n>/\"'<");
		value = name + name_length;
		value += strspn(value, " \t\r\n");
		if (!name_length || *value != '=')
			return not_ours(inliner, name, strcspn(name, "\n"));
		value += 1 + strspn(value + 1, " \t\r\n");
		end = *value == '"' || *value == '\'' ? strchr(value + 1, *value) : NULL;
		if (!end)
			return not_ours(inliner, name, strcspn(name, "\n"));
		inliner->at = end + 1;
		if (!write)
			continue;
		if (!value_is_ours(name, name_length, value + 1, (size_t)(end - value - 1)))
			return not_ours(inliner, name, (size_t)(end - name));
		attribute_write(inliner, name, name_length, value + 1, (size_t)(end - value - 1));
	}
}

/* Over an element with all that is in it; these do not lie in one another. */
static int element_drop(struct inliner *inliner, const char *name, size_t length)
{
	char close[32];
	const char *end;

	snprintf(close, sizeof(close), "</%.*s>", (int)length, name);
	end = strstr(inliner->at, close);
	if (!end)
		return not_ours(inliner, name, length);
	inliner->at = end + strlen(close);
	return 0;
}

static void root_write(struct inliner *inliner, const char *view, size_t length)
{
	fprintf(inliner->out,
		"<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" "
		"xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"%.*s\" role=\"img\" aria-label=\"",
		(int)length, view);
	markup_text(inliner->out, inliner->plot->summary);
	fputs("\"><title>", inliner->out);
	markup_text(inliner->out, inliner->plot->title);
	fputs("</title>", inliner->out);
}

/* The outermost tag: of its own it keeps the viewBox. */
static int root_read(struct inliner *inliner)
{
	const char *view = strstr(inliner->at, "viewBox=\""), *close = strchr(inliner->at, '>');
	size_t length = view ? strspn(view + 9, "0123456789. ") : 0;

	if (!view || !close || view > close || !length || view[9 + length] != '"')
		return not_ours(inliner, "an svg without viewBox", 22);
	root_write(inliner, view + 9, length);
	inliner->at = close + 1;
	return 0;
}

/* From behind '<' to behind '>'. */
static int tag_read(struct inliner *inliner, bool *root)
{
	bool end = *inliner->at == '/', empty;
	const char *name = inliner->at + end;
	size_t length = strcspn(name, " \t\r\n/>");
	int rc;

	inliner->at = name + length;
	if (!end && LISTED(elements_dropped, name, length))
		return element_drop(inliner, name, length);
	if (!LISTED(elements_allowed, name, length))
		return not_ours(inliner, name, length);
	if (!end && length == 3 && !memcmp(name, "svg", 3)) {
		if (*root)
			return not_ours(inliner, "an svg in an svg", 16);
		*root = true;
		return root_read(inliner);
	}
	fprintf(inliner->out, "<%s%.*s", end ? "/" : "", (int)length, name);
	rc = attributes_read(inliner, !end, &empty);
	fputs(empty ? "/>" : ">", inliner->out);
	return rc;
}

/* Text between tags: gnuplot has escaped what would be markup. Blank between elements, it is left out. */
static void content_write(struct inliner *inliner, size_t length)
{
	const char *text = inliner->at;
	size_t blank = strspn(text, " \t\r\n");

	inliner->at += length;
	if (blank >= length)
		return;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '>')
			fputs("&gt;", inliner->out);
		else
			fputc(text[i], inliner->out);
}

static int svg_write(struct inliner *inliner)
{
	bool root = false;

	if (!strncmp(inliner->at, "<?xml", 5)) {
		const char *end = strstr(inliner->at, "?>");

		if (!end)
			return not_ours(inliner, inliner->at, 5);
		inliner->at = end + 2;
	}
	while (*inliner->at) {
		size_t length = strcspn(inliner->at, "<");
		int rc;

		if (root)
			content_write(inliner, length);
		else
			inliner->at += length;
		if (!*inliner->at)
			break;
		inliner->at++;
		rc = tag_read(inliner, &root);
		if (rc)
			return rc;
	}
	fputc('\n', inliner->out);
	return root ? 0 : not_ours(inliner, "no svg", 6);
}

static int file_read(const char *path, char **text, struct error *err)
{
	FILE *file = fopen(path, "re");
	size_t used = 0, room = 1 << 16;
	int rc = 0;

	*text = NULL;
	if (!file)
		return error_errno(err, errno, NULL, "cannot read %s", path);
	for (;;) {
		char *grown = room <= FILE_MAX ? realloc(*text, room) : NULL;

		if (!grown) {
			rc = error_set(err, ENOMEM, NULL, "%s is too large", path);
			break;
		}
		*text = grown;
		used += fread(*text + used, 1, room - 1 - used, file);
		(*text)[used] = 0;
		if (used < room - 1)
			break;
		room *= 2;
	}
	if (!rc && ferror(file))
		rc = error_errno(err, errno ? errno : EIO, NULL, "cannot read %s", path);
	fclose(file);
	return rc;
}

int plot_inline_svg(FILE *out, const struct plot *plot, const char *folder, struct error *err)
{
	struct inliner inliner = { .out = out, .plot = plot, .err = err };
	char *path = NULL, *text = NULL;
	int rc;

	if (asprintf(&path, "%s/%s.svg", folder, plot->name) < 0)
		return error_set(err, ENOMEM, NULL, "out of memory");
	rc = file_read(path, &text, err);
	inliner.at = text;
	if (!rc)
		rc = svg_write(&inliner);
	free(text);
	free(path);
	return rc;
}
