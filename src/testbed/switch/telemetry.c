/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/telemetry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "system/below.h"

#define ANSWER_MAX 16384 /* no answer is larger (its max_output_len) */
#define PATIENCE_S 2

static int receive(int fd, json_t **message, struct error *err)
{
	char text[ANSWER_MAX + 1];
	json_error_t wrong;
	ssize_t size;

	do
		size = recv(fd, text, sizeof(text) - 1, 0);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return error_errno(err, errno == EAGAIN ? ETIMEDOUT : errno, NULL, "no answer by telemetry");
	if (size == 0)
		return error_set(err, ECONNRESET, NULL, "telemetry has closed its connection");
	*message = json_loadb(text, (size_t)size, 0, &wrong);
	if (!*message)
		return error_set(err, EPROTO, NULL, "telemetry does not answer in JSON: %s", wrong.text);
	return 0;
}

int telemetry_open(struct telemetry *telemetry, int directory, const char *name, struct error *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	json_t *greeting = NULL;
	int file = below_open(directory, name, O_PATH, 0), rc = 0; /* no link leads elsewhere */

	telemetry->version[0] = 0;
	telemetry->fd = file < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (telemetry->fd < 0) {
		rc = error_errno(err, file < 0 ? -file : errno, NULL, "cannot make a socket for telemetry");
		goto out;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file);
	if (setsockopt(telemetry->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(telemetry->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    connect(telemetry->fd, (const struct sockaddr *)&address, sizeof(address)))
		rc = error_errno(err, errno, NULL, "cannot connect to telemetry");
	if (!rc)
		rc = receive(telemetry->fd, &greeting, err);
	if (!rc) {
		const char *version = json_string_value(json_object_get(greeting, "version"));

		snprintf(telemetry->version, sizeof(telemetry->version), "%s", version ? version : "");
	}
	json_decref(greeting);
	if (rc)
		telemetry_close(telemetry);
out:
	if (file >= 0)
		close(file);
	return rc;
}

void telemetry_close(struct telemetry *telemetry)
{
	if (telemetry->fd >= 0)
		close(telemetry->fd);
	telemetry->fd = -1;
}

int telemetry_ask(struct telemetry *telemetry, json_t **answer, struct error *err, const char *question, ...)
{
	char text[256], *parameter;
	json_t *message = NULL;
	va_list arguments;
	int length, rc;

	*answer = NULL;
	if (telemetry->fd < 0)
		return error_set(err, ENOTCONN, NULL, "telemetry is not connected");
	va_start(arguments, question);
	length = vsnprintf(text, sizeof(text), question, arguments);
	va_end(arguments);
	if (length < 0 || length >= (int)sizeof(text))
		return error_set(err, EINVAL, NULL, "too long a question: %s", text);
	if (send(telemetry->fd, text, (size_t)length, MSG_NOSIGNAL) < 0)
		rc = error_errno(err, errno, NULL, "cannot ask telemetry");
	else
		rc = receive(telemetry->fd, &message, err);
	if (rc) {
		telemetry_close(telemetry);
		return rc;
	}
	parameter = strchr(text, ','); /* the answer names the question without it */
	if (parameter)
		*parameter = 0;
	*answer = json_incref(json_object_get(message, text));
	json_decref(message);
	if (!*answer || json_is_null(*answer)) {
		json_decref(*answer);
		*answer = NULL;
		return error_set(err, ENOENT, NULL, "telemetry knows no answer to %s", text);
	}
	return 0;
}
