/* Readings out of Prometheus text and HAProxy CSV, and lines of agents. */
#include <math.h>
#include <string.h>
#include "base/random.h"
#include "probes/checks/agent.h"
#include "probes/checks/exposition.h"
#include "tests/unit/suite.h"

static const char page[] = "# HELP node_load1 1m load average.\n"
                           "# TYPE node_load1 gauge\n"
                           "node_load1 0.75\n"
                           "node_load15 9\n"
                           "http_requests_total{code=\"200\",method=\"get\"} 1027 1395066363000\r\n"
                           "http_requests_total{method=\"post\", code=\"200\",} 3\n"
                           "http_requests_total{code=\"500\",path=\"a}b,c=\\\"d\\\"\"} 7e1\n"
                           "temperature{room=\"x\"} -4.5\n"
                           "broken{code=\"200\" 5\n"
                           "infinite +Inf\n"
                           "nothing NaN\n"
                           "last 1";

static double prometheus(const char *select)
{
        double value;

        return exposition_prometheus(page, sizeof(page) - 1, select, &value) ? value : NAN;
}

START_TEST(prometheus_samples_are_found_by_name_and_labels_and_summed)
{
        ck_assert_double_eq(prometheus("node_load1"), 0.75);
        ck_assert_double_eq(prometheus("http_requests_total"), 1027 + 3 + 70);
        ck_assert_double_eq(prometheus("http_requests_total{code=\"200\"}"), 1030);
        ck_assert_double_eq(prometheus("http_requests_total{method=\"post\",code=\"200\"}"), 3);
        ck_assert_double_eq(prometheus("http_requests_total{path=\"a}b,c=\\\"d\\\"\"}"), 70);
        ck_assert_double_eq(prometheus("temperature{room=\"x\"}"), -4.5);
        ck_assert_double_eq(prometheus("last"), 1);
        ck_assert(isnan(prometheus("node_load")));
        ck_assert(isnan(prometheus("http_requests_total{code=\"404\"}")));
        ck_assert(isnan(prometheus("http_requests_total{size=\"1\"}")));
        ck_assert(isnan(prometheus("broken")));
        ck_assert(isnan(prometheus("infinite")));
        ck_assert(isnan(prometheus("nothing")));
        ck_assert(isnan(prometheus("last{")));
}
END_TEST

static const char csv[] = "# pxname,svname,qcur,scur,rate,status,\n"
                          "web,FRONTEND,,12,5,OPEN,\n"
                          "web,s1,0,4,2,UP,\n"
                          "web,s2,0,,2,DOWN,\n"
                          "web,BACKEND,0,8,5,UP,\n";

static double haproxy(const char *select)
{
        double value;

        return exposition_haproxy_csv(csv, sizeof(csv) - 1, select, &value) ? value : NAN;
}

START_TEST(haproxy_cells_are_found_by_row_and_column)
{
        ck_assert_double_eq(haproxy("web/s1:scur"), 4);
        ck_assert_double_eq(haproxy("web/FRONTEND:rate"), 5);
        ck_assert_double_eq(haproxy("web/BACKEND:scur"), 8);
        ck_assert(isnan(haproxy("web/s2:scur")));
        ck_assert(isnan(haproxy("web/s1:status")));
        ck_assert(isnan(haproxy("web/s1:nothing")));
        ck_assert(isnan(haproxy("web/s3:scur")));
        ck_assert(isnan(haproxy("api/s1:scur")));
        ck_assert(isnan(haproxy("web/s1:pxname")));
}
END_TEST

/* Pieces of real pages in any order, cut anywhere: the sanitizers watch. */
START_TEST(anything_can_be_read_without_harm)
{
        static const char *const selects[] = {"a{b=\"c\"}", "node_load1", "a{", "{}", "web/s1:scur", "/:", ""};
        struct random r;
        char text[300];
        double value;

        random_seed(&r, (uint64_t)_i);
        for (int round = 0; round < 20000; round++) {
                size_t length = random_below(&r, sizeof(text));
                const char *from = round % 2 ? page : csv;
                size_t all = round % 2 ? sizeof(page) - 1 : sizeof(csv) - 1;
                for (size_t i = 0; i < length; i++)
                        text[i] = random_below(&r, 20) ? from[(i + (size_t)round) % all] : (char)random_below(&r, 256);
                const char *select = selects[random_below(&r, sizeof(selects) / sizeof(*selects))];
                exposition_prometheus(text, length, select, &value);
                exposition_haproxy_csv(text, length, select, &value);
                struct check_result result;
                agent_read(text, length, &result);
        }
}
END_TEST

START_TEST(an_agents_words_say_state_weight_and_will)
{
        static const struct {
                const char *line;
                bool good;
                enum reason reason;
                bool certain;
                unsigned tells;
                float weight;
                enum admin_state admin;
                const char *detail;
        } cases[] = {
                {"up\n", true, REASON_OK, true, 0, 0, 0, "up"},
                {"75%\n", true, REASON_OK, false, TELLS_WEIGHT, 75, 0, "75%"},
                {"up 50% ready\r\n", true, REASON_OK, true, TELLS_WEIGHT | TELLS_ADMIN, 50, ADMIN_READY, NULL},
                {"DRAIN,maxconn:30\n", true, REASON_OK, false, TELLS_ADMIN, 0, ADMIN_DRAIN, NULL},
                {"maint # kernel update\nmore", true, REASON_OK, false, TELLS_ADMIN, 0, ADMIN_MAINT, " kernel update"},
                {"down #disk full\n", true, REASON_AGENT, true, 0, 0, 0, "disk full"},
                {"failed", true, REASON_AGENT, true, 0, 0, 0, "failed"},
                {"stopped 0%", true, REASON_AGENT, true, TELLS_WEIGHT, 0, 0, NULL},
                {"HTTP/1.1 400 Bad Request\r\n", false, 0, 0, 0, 0, 0, NULL},
                {"50\n", false, 0, 0, 0, 0, 0, NULL},
                {"-5%\n", false, 0, 0, 0, 0, 0, NULL},
                {"\n", false, 0, 0, 0, 0, 0, NULL},
                {"#up\n", false, 0, 0, 0, 0, 0, NULL},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct check_result r;
                bool good = agent_read(cases[i].line, strlen(cases[i].line), &r);
                ck_assert_msg(good == cases[i].good, "%s", cases[i].line);
                if (!good)
                        continue;
                ck_assert_msg(r.reason == cases[i].reason && r.certain == cases[i].certain && r.tells == cases[i].tells,
                              "%s", cases[i].line);
                if (r.tells & TELLS_WEIGHT)
                        ck_assert_float_eq(r.figures.weight_percent, cases[i].weight);
                if (r.tells & TELLS_ADMIN)
                        ck_assert_uint_eq(r.figures.admin, cases[i].admin);
                if (cases[i].detail)
                        ck_assert_str_eq(r.detail, cases[i].detail);
        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("exposition");
        TCase *t = tcase_create("exposition");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, prometheus_samples_are_found_by_name_and_labels_and_summed);
        tcase_add_test(t, haproxy_cells_are_found_by_row_and_column);
        tcase_add_test(t, an_agents_words_say_state_weight_and_will);
        tcase_add_loop_test(t, anything_can_be_read_without_harm, 0, 3);
        suite_add_tcase(s, t);
        return run_suite(s);
}
