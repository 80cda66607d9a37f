#include "admin/http/request.h"

#include <stdlib.h>

void http_request_drop_body(struct http_request *r)
{
        body_free(&r->body, r->budget);
}

void http_request_free(struct http_request *r)
{
        if (!r)
                return;
        http_request_drop_body(r);
        free(r->text);
        free(r);
}
