/* admin/http/request.h: a request as it came. Whoever has it. */
#ifndef ADMIN_HTTP_REQUEST_H
#define ADMIN_HTTP_REQUEST_H

#include "admin/http/body.h"
#include "admin/http/head.h"

struct http_request {
        char *text; /* of the head */
        struct head head;
        struct body body;
        struct http_budget *budget; /* that the body counts in */
};

void http_request_free(struct http_request *);      /* NULL is allowed */
void http_request_drop_body(struct http_request *); /* frees it as soon as it was read */

#endif
