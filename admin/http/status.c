#include "admin/http/status.h"

#include <stddef.h>

const char *http_status_text(int status)
{
        static const struct {
                int status;
                const char *text;
        } texts[] = {
                {200, "OK"},
                {201, "Created"},
                {204, "No Content"},
                {304, "Not Modified"},
                {400, "Bad Request"},
                {401, "Unauthorized"},
                {403, "Forbidden"},
                {404, "Not Found"},
                {405, "Method Not Allowed"},
                {408, "Request Timeout"},
                {409, "Conflict"},
                {412, "Precondition Failed"},
                {413, "Content Too Large"},
                {415, "Unsupported Media Type"},
                {417, "Expectation Failed"},
                {421, "Misdirected Request"},
                {422, "Unprocessable Content"},
                {429, "Too Many Requests"},
                {431, "Request Header Fields Too Large"},
                {500, "Internal Server Error"},
                {501, "Not Implemented"},
                {503, "Service Unavailable"},
                {505, "HTTP Version Not Supported"},
                {507, "Insufficient Storage"},
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                if (texts[i].status == status)
                        return texts[i].text;
        return "Status";
}
