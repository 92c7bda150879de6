/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/markdown_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "util/utf8.h"

#define COMMIT_LEAST 7 /* hexadecimal digits in a row may be a commit */

/* ASCII that neither Markdown nor what reads its result gives a meaning, whatever is beside it. */
static bool character_is_plain(uint32_t c)
{
	return c >= 0x80 ? utf8_is_safe(c) : isalnum((int)c) || (c && strchr(" ,.;-+/()'", (int)c));
}

/*
 * ':' and '%', which are no emoji, no link and no milestone where a blank or the end of a clause follows; and
 * the ':' of 20:35, where there is no second one (":100:" is an emoji).
 */
static bool sign_is_plain(const char *text, const char *at)
{
	if (*at != ':' && *at != '%')
		return false;
	if (at[1] == 0 || strchr(" ,;)", at[1]) || (strchr(".:", at[1]) && (at[2] == 0 || at[2] == ' ')))
		return true;
	return *at == ':' && at > text && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[1]) &&
	       strchr(text, ':') == strrchr(text, ':');
}

/* Does a word that begins here look like a reference or a link? */
static bool word_is_reference(const char *word)
{
	return strspn(word, "0123456789abcdefABCDEF") >= COMMIT_LEAST || strncasecmp(word, "www.", 4) == 0 ||
	       (strncasecmp(word, "gh-", 3) == 0 && isdigit((unsigned char)word[3]));
}

static bool text_is_plain(const char *text)
{
	const char *whole = text;
	bool within = false; /* a word */

	if (!isalnum((unsigned char)*text) && *text != '(' && !(*text & 0x80))
		return false;
	while (*text) {
		uint32_t c = 0;
		size_t length = utf8_decode(text, &c);

		if (!length || !(character_is_plain(c) || sign_is_plain(whole, text)))
			return false;
		if (!within && word_is_reference(text))
			return false;
		within = isalnum((unsigned char)*text);
		text += length;
	}
	return true;
}

static void text_as_code(FILE *out, const char *text)
{
	fputs("<code>", out);
	while (*text) {
		uint32_t c = 0;
		size_t length = utf8_decode(text, &c);

		if (length && (c == '\n' || c == '\r' || c == '\t'))
			fputc(' ', out);
		else if (!length || !utf8_is_safe(c))
			fputs("\xef\xbf\xbd", out);
		else if (c < 0x80 && ispunct((int)c))
			fprintf(out, "&#%d;", (int)c);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
	fputs("</code>", out);
}

void markdown_text(FILE *out, const char *text)
{
	if (!*text)
		return;
	if (text_is_plain(text))
		fputs(text, out);
	else
		text_as_code(out, text);
}
