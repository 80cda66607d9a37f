/* gslbd/descriptors.h: as many files as the settings could need. At the start. */
#ifndef GSLBD_DESCRIPTORS_H
#define GSLBD_DESCRIPTORS_H

/* Raises the soft limit of open files to what so many connections and workers need beside all else, as far as the hard
 * limit lets it; warns where that is not far enough. */
void descriptors_raise(unsigned long tcp_clients, unsigned workers);

#endif
