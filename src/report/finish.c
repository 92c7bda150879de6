/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "report/internal.h"

int report_finish(FILE *out, struct error *err)
{
	if (fflush(out) != 0 || ferror(out))
		return error_errno(err, errno ? errno : EIO, NULL, "cannot write the report");
	return 0;
}
