/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/frame.h"

#include <stddef.h>

#include "report/markup.h"

/* page.css and page.js, made part of the program by scripts/embed */
extern const char page_css[], page_css_sha256[], page_js[], page_js_sha256[];
extern const size_t page_css_size, page_js_size;

/* Nothing but the page's own style sheet and script acts, whatever a record may have smuggled in. */
void frame_open(FILE *out, const char *title, const char *what)
{
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		"'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; base-uri 'none'; "
		"form-action 'none'\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		"<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		"<meta name=\"referrer\" content=\"no-referrer\"/>\n"
		"<meta name=\"generator\" content=\"lanebench " LANEBENCH_VERSION "\"/>\n"
		"<link rel=\"icon\" href=\"data:,\"/>\n<title>",
		page_css_sha256, page_js_sha256);
	markup_text(out, title);
	fputs("</title>\n<style>", out);
	fwrite(page_css, 1, page_css_size, out);
	fprintf(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the %s</a>\n", what);
}

void frame_close(FILE *out, const char *made_from)
{
	fprintf(out, "<footer>\n<p>Made by lanebench %s %s.</p>\n</footer>\n<script>", LANEBENCH_VERSION,
		made_from);
	fwrite(page_js, 1, page_js_size, out);
	fputs("</script>\n</body>\n</html>\n", out);
}
