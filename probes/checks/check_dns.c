/* A DNS check: a query over UDP or TCP, and an answer as the monitor expects it. */
#include <errno.h>
#include <event2/event.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "probes/checks/socket_run.h"
#include "zones/dns/name.h"
#include "zones/dns/rdata.h"

#define QUERY_MAX  600
#define REPLY_MAX  65535
#define HEADER     12
#define FLAG_REPLY 0x80
#define FLAG_RD    0x01

struct dns_check {
        struct socket_run socket;
        bool tcp;
        uint8_t query[2 + QUERY_MAX]; /* behind its length, which UDP leaves out */
        size_t query_length, sent;
        struct buffer reply; /* over TCP with its length */
};

static void dns_release(struct socket_run *socket)
{
        buffer_free(&((struct dns_check *)socket)->reply);
}

/* The same ID and question, in a reply. */
static bool is_ours(const struct dns_check *run, const uint8_t *reply, size_t length)
{
        const uint8_t *query = run->query + 2;

        return length >= run->query_length && !memcmp(reply, query, 2) && reply[2] & FLAG_REPLY && !reply[4] &&
               reply[5] == 1 && !memcmp(reply + HEADER, query + HEADER, run->query_length - HEADER);
}

/* Whether one of the answers has this data, names in any case. */
static bool has_answer(const ldns_rr_list *answers, uint16_t type, const char *data)
{
        char name[16];
        char *text = memory_printf(". 0 IN %s %s", rdata_type_name(type, name, sizeof(name)), data);
        ldns_rr *wanted = NULL;
        bool found = false;

        if (ldns_rr_new_frm_str(&wanted, text, 0, NULL, NULL) == LDNS_STATUS_OK) {
                ldns_rr2canonical(wanted);
                for (size_t i = 0; i < ldns_rr_list_rr_count(answers) && !found; i++) {
                        const ldns_rr *rr = ldns_rr_list_rr(answers, i);
                        found = ldns_rr_rd_count(rr) == ldns_rr_rd_count(wanted);
                        for (size_t n = 0; found && n < ldns_rr_rd_count(wanted); n++)
                                found = !ldns_rdf_compare(ldns_rr_rdf(rr, n), ldns_rr_rdf(wanted, n));
                }
        }
        ldns_rr_free(wanted);
        free(text);
        return found;
}

/* REASON_OK, or what is missing. */
static enum reason dns_judge(const struct monitor *m, const ldns_pkt *reply, char *detail, size_t size)
{
        ldns_lookup_table *rcode = ldns_lookup_by_id(ldns_rcodes, ldns_pkt_get_rcode(reply));
        const char *const *wanted = m->dns.answers.items;
        enum reason reason = REASON_OK;

        snprintf(detail, size, "%s", rcode ? rcode->name : "?");
        if ((int)ldns_pkt_get_rcode(reply) != m->dns.rcode)
                return REASON_STATUS;
        ldns_rr_list *answers = ldns_pkt_rr_list_by_type(reply, (ldns_rr_type)m->dns.type, LDNS_SECTION_ANSWER);
        size_t count = answers ? ldns_rr_list_rr_count(answers) : 0;
        for (size_t i = 0; i < count; i++)
                ldns_rr2canonical(ldns_rr_list_rr(answers, i));
        if (count < (size_t)m->dns.min_answers) {
                snprintf(detail, size, "%zu answers", count);
                reason = REASON_BODY;
        }
        for (uint32_t i = 0; i < m->dns.answers.count && reason == REASON_OK; i++)
                if (!count || !has_answer(answers, m->dns.type, wanted[i])) {
                        snprintf(detail, size, "no %.60s", wanted[i]);
                        reason = REASON_BODY;
                }
        ldns_rr_list_deep_free(answers);
        return reason;
}

static void take_reply(struct dns_check *run, const uint8_t *reply, size_t length)
{
        ldns_pkt *packet = NULL;
        char detail[80] = "";
        enum reason reason = REASON_PROTOCOL;

        if (ldns_wire2pkt(&packet, reply, length) == LDNS_STATUS_OK)
                reason = dns_judge(check_of(run->socket.subject)->monitor, packet, detail, sizeof(detail));
        else
                snprintf(detail, sizeof(detail), "a reply that cannot be read");
        ldns_pkt_free(packet);
        socket_run_finish(&run->socket, reason, detail);
}

static void on_datagram(struct socket_run *socket)
{
        struct dns_check *run = (struct dns_check *)socket;
        uint8_t reply[REPLY_MAX];
        ssize_t n;

        while ((n = recv(socket->fd, reply, sizeof(reply), 0)) >= 0)
                if (is_ours(run, reply, (size_t)n)) {
                        take_reply(run, reply, (size_t)n);
                        return;
                }
        if (errno == EAGAIN || errno == EINTR)
                socket_run_wait(socket, EV_READ, on_datagram);
        else
                socket_run_fail(socket, errno);
}

static void on_stream(struct socket_run *socket)
{
        struct dns_check *run = (struct dns_check *)socket;
        uint8_t bytes[4096];
        ssize_t n = recv(socket->fd, bytes, sizeof(bytes), 0);

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
                socket_run_fail(socket, errno);
                return;
        }
        if (!n) {
                socket_run_finish(socket, REASON_CLOSED, "");
                return;
        }
        if (n > 0)
                buffer_bytes(&run->reply, bytes, (size_t)n);
        const uint8_t *have = (const uint8_t *)run->reply.data;
        size_t wanted = run->reply.length >= 2 ? (size_t)have[0] << 8 | have[1] : REPLY_MAX;
        if (run->reply.length < 2 + wanted)
                socket_run_wait(socket, EV_READ, on_stream);
        else if (is_ours(run, have + 2, wanted))
                take_reply(run, have + 2, wanted);
        else
                socket_run_finish(socket, REASON_PROTOCOL, "a reply to something else");
}

static void dns_ask(struct socket_run *socket)
{
        struct dns_check *run = (struct dns_check *)socket;
        const uint8_t *from = run->query + (run->tcp ? 0 : 2);
        size_t length = run->query_length + (run->tcp ? 2 : 0);
        ssize_t n = send(socket->fd, from + run->sent, length - run->sent, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
                socket_run_fail(socket, errno);
                return;
        }
        run->sent += n > 0 ? (size_t)n : 0;
        if (run->sent < length)
                socket_run_wait(socket, EV_WRITE, dns_ask);
        else
                socket_run_wait(socket, EV_READ, run->tcp ? on_stream : on_datagram);
}

static void make_query(struct dns_check *run, const struct monitor *m)
{
        uint8_t *q = run->query + 2;
        const char *why;

        random_bytes(q, 2);
        q[2] = m->dns.recursion ? FLAG_RD : 0;
        q[5] = 1;
        size_t length = HEADER + name_parse(m->dns.name, (const uint8_t *)"", q + HEADER, &why);
        const uint8_t rest[] = {(uint8_t)(m->dns.type >> 8), (uint8_t)m->dns.type, 0, LDNS_RR_CLASS_IN};
        memcpy(q + length, rest, sizeof(rest));
        run->query_length = length + sizeof(rest);
        run->query[0] = (uint8_t)(run->query_length >> 8);
        run->query[1] = (uint8_t)run->query_length;
}

static struct check_run *dns_check_start(struct checker *checker, const struct check_subject *subject, check_done *done,
                                         void *context, struct check_result *result)
{
        struct dns_check *run = memory_alloc(sizeof(*run));

        run->tcp = check_of(subject)->monitor->dns.transport == DNS_TRANSPORT_TCP;
        run->reply = BUFFER_INIT(2 + REPLY_MAX + 4096);
        run->socket.type = run->tcp ? SOCK_STREAM : SOCK_DGRAM;
        run->socket.connected = dns_ask;
        run->socket.release = dns_release;
        make_query(run, check_of(subject)->monitor);
        return socket_run_start(&run->socket, checker, subject, done, context, result);
}

const struct check_driver check_dns = {dns_check_start, socket_run_cancel};
