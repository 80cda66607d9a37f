/* zones/clients/distance.h: how far places of the earth lie apart. Pure. */
#ifndef ZONES_CLIENTS_DISTANCE_H
#define ZONES_CLIENTS_DISTANCE_H

/* In degrees; over the ground. */
double great_circle_km(double latitude1, double longitude1, double latitude2, double longitude2);

#endif
