/* gslbd/notify.h: tells the service manager (sd_notify(3) protocol over $NOTIFY_SOCKET). Control thread. */
#ifndef GSLBD_NOTIFY_H
#define GSLBD_NOTIFY_H

/* "READY=1", "STOPPING=1", "RELOADING=1". Does nothing without a service manager. */
void notify_manager(const char *state);

/* How often whoever started us wants to hear WATCHDOG=1, in milliseconds: half of
 * sd_watchdog_enabled(3)'s time. 0: not. */
unsigned notify_watchdog_ms(void);

#endif
