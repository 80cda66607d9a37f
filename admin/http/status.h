/* admin/http/status.h: what the statuses of replies are called (RFC 9110 15). */
#ifndef ADMIN_HTTP_STATUS_H
#define ADMIN_HTTP_STATUS_H

const char *http_status_text(int status);

#endif
