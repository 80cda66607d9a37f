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
        uint32_t first, count; /* of the clients, those that stand for it */
};

struct asked {
        struct asked_crowd *crowds;
        size_t count;
        struct asked_client *clients; /* by service, type and class */
        size_t client_count;
        double left_out; /* answers of nobody that is known */
        double seconds;  /* in which they asked */
};

#endif
