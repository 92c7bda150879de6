/* SPDX-License-Identifier: Apache-2.0 */
/* What every page has around its content: one self-contained file, with the report's style sheet and script. */
#ifndef LB_REPORT_HTML_FRAME_H
#define LB_REPORT_HTML_FRAME_H

#include <stdio.h>

/* To the content within <body>: `title` is made safe; `what` ("report") is what one may skip to, #main. */
void frame_open(FILE *out, const char *title, const char *what);
/* And what follows it; `made_from` is a sentence of ours for the foot. */
void frame_close(FILE *out, const char *made_from);

#endif
