/* zones/forecast/asked.h: who has asked for what: what a forecast is made of. */
#ifndef ZONES_FORECAST_ASKED_H
#define ZONES_FORECAST_ASKED_H

#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/tap.h"

/* One client of those that asked, drawn by chance. */
struct asked_client {
        struct prefix client;
        uint32_t service;
        uint16_t was, is; /* its class: in the table of clients before, and after */
        uint8_t asked;    /* enum tap_asked */
        double weight;    /* how many answers it stands for */
};

/* All that were of one class, and are of one. */
struct asked_crowd {
        uint32_t service;
        uint16_t was, is;
        uint8_t asked;
        double answers;
};

struct asked {
        struct asked_crowd *crowds;
        size_t count;
        struct asked_client *clients; /* in the order of asked_compare */
        size_t client_count;
        double left_out; /* answers of nobody that is known */
        double seconds;  /* in which they asked */
};

/* By service, type, class before, class after: for qsort. */
int asked_compare(const void *client, const void *other);
/* The clients that stand for a crowd: from *first to before *end. */
void asked_clients_of(const struct asked *, const struct asked_crowd *, size_t *first, size_t *end);

#endif
