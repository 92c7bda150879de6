/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/ovs_rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "system/below.h"

#define PATIENCE_S 5
#define ANSWER_MAX (16u << 20)

/* However long the directory's path is, and to no socket elsewhere: the directory is Open vSwitch's. */
static int rpc_connect(int directory, const char *name, struct error *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int file = below_open(directory, name, O_PATH, 0), fd, code;

	if (file < 0)
		return error_errno(err, -file, NULL, "cannot connect to Open vSwitch's socket %s", name);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(file);
		return fd;
	}
	code = errno;
	close(file);
	if (fd >= 0)
		close(fd);
	return error_errno(err, code, NULL, "cannot connect to Open vSwitch's socket %s", name);
}

static int rpc_send(int fd, const char *method, json_t *params, struct error *err)
{
	json_t *request = json_pack("{s:i, s:s, s:O}", "id", 0, "method", method, "params", params);
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) : 0, sent = 0;
	int rc = text ? 0 : error_errno(err, ENOMEM, NULL, "cannot ask Open vSwitch");

	while (!rc && sent < size) {
		ssize_t now = send(fd, text + sent, size - sent, MSG_NOSIGNAL);

		if (now >= 0)
			sent += (size_t)now;
		else if (errno != EINTR)
			rc = error_errno(err, errno, NULL, "cannot ask Open vSwitch for %s", method);
	}
	free(text);
	json_decref(request);
	return rc;
}

/* Messages follow each other without anything between them: one is complete when it can be parsed. */
static int rpc_receive(int fd, json_t **answer, struct error *err)
{
	size_t used = 0, room = 0;
	char *text = NULL;
	int rc = 0;

	*answer = NULL;
	while (!rc && !*answer) {
		json_error_t wrong;
		ssize_t size;

		if (used == room) {
			char *more = room < ANSWER_MAX ? realloc(text, room = room ? 2 * room : 16384) : NULL;

			if (!more) {
				rc = error_errno(err, ENOMEM, NULL, "cannot hold an answer of Open vSwitch");
				break;
			}
			text = more;
		}
		size = recv(fd, text + used, room - used, 0);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			rc = error_errno(err, errno == EAGAIN ? ETIMEDOUT : errno, NULL,
					 "no answer of Open vSwitch");
		else if (size == 0)
			rc = error_set(err, ECONNRESET, NULL, "Open vSwitch has closed its socket");
		if (size <= 0)
			break;
		used += (size_t)size;
		*answer = json_loadb(text, used, JSON_DISABLE_EOF_CHECK, &wrong);
		if (!*answer && json_error_code(&wrong) != json_error_premature_end_of_input)
			rc = error_set(err, EPROTO, NULL, "Open vSwitch does not answer in JSON: %s",
				       wrong.text);
	}
	free(text);
	return rc;
}

/* What it says is wrong: a text, or an object of RFC 7047 (section 3.1). */
static int rpc_refused(json_t *error, const char *what, struct error *err)
{
	const char *text = json_string_value(json_object_get(error, "details"));

	if (!text)
		text = json_string_value(json_object_get(error, "error"));
	if (!text)
		text = json_string_value(error);
	if (!text)
		text = "without a reason";
	return error_set(err, EIO, NULL, "Open vSwitch refuses %s: %.*s", what, (int)strcspn(text, "\n"), text);
}

int ovs_call(int directory, const char *name, const char *method, json_t *params, json_t **result,
	     struct error *err)
{
	json_t *answer = NULL, *error;
	int fd, rc;

	*result = NULL;
	if (!params)
		return error_errno(err, ENOMEM, NULL, "cannot ask Open vSwitch for %s", method);
	fd = rpc_connect(directory, name, err);
	rc = fd < 0 ? fd : rpc_send(fd, method, params, err);
	if (!rc)
		rc = rpc_receive(fd, &answer, err);
	if (fd >= 0)
		close(fd);
	json_decref(params);
	if (rc)
		return rc;
	error = json_object_get(answer, "error");
	if (error && !json_is_null(error))
		rc = rpc_refused(error, method, err);
	else
		*result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	return rc;
}

int ovs_command(int directory, const char *name, const char *command, json_t *arguments, char **text,
		struct error *err)
{
	json_t *result;
	int rc = ovs_call(directory, name, command, arguments, &result, err);

	*text = NULL;
	if (rc)
		return rc;
	*text = strdup(json_is_string(result) ? json_string_value(result) : "");
	json_decref(result);
	return *text ? 0 : error_errno(err, ENOMEM, NULL, "cannot hold an answer of Open vSwitch");
}

int ovs_transact(int directory, const char *name, json_t *operations, json_t **results, struct error *err)
{
	json_t *result, *one;
	size_t i;
	int rc;

	if (!operations || json_array_insert_new(operations, 0, json_string("Open_vSwitch"))) {
		json_decref(operations);
		operations = NULL;
	}
	rc = ovs_call(directory, name, "transact", operations, &result, err);
	if (rc)
		return rc;
	json_array_foreach(result, i, one)
		if (!rc && json_object_get(one, "error"))
			rc = rpc_refused(one, "a setting", err);
	if (!rc && results)
		*results = json_incref(result);
	json_decref(result);
	return rc;
}
