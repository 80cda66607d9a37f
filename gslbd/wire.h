/* gslbd/wire.h: numbers of the DNS protocol (IANA DNS parameters) that the answer path uses. */
#ifndef GSLBD_WIRE_H
#define GSLBD_WIRE_H

enum dns_type {
        TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_HINFO = 13, TYPE_TXT = 16, TYPE_AAAA = 28, TYPE_DNAME = 39,
        TYPE_OPT = 41, TYPE_DS = 43, TYPE_SVCB = 64, TYPE_HTTPS = 65, TYPE_TKEY = 249, TYPE_TSIG = 250, TYPE_IXFR = 251, TYPE_AXFR = 252, TYPE_MAILB = 253,
        TYPE_MAILA = 254, TYPE_ANY = 255,
};

enum dns_class { CLASS_IN = 1, CLASS_CH = 3, CLASS_ANY = 255 };

enum dns_opcode { OPCODE_QUERY = 0 };

enum dns_rcode {
        RCODE_NOERROR = 0, RCODE_FORMERR = 1, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_NOTIMP = 4, RCODE_REFUSED = 5,
        RCODE_YXDOMAIN = 6, RCODE_BADVERS = 16, RCODE_BADCOOKIE = 23,
};

enum dns_flag { FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_CD = 0x0010 };

enum edns_option {
        OPTION_NSID = 3, OPTION_ECS = 8, OPTION_COOKIE = 10, OPTION_KEEPALIVE = 11, OPTION_PADDING = 12, OPTION_EDE = 15,
        OPTION_REPORT_CHANNEL = 18, OPTION_ZONEVERSION = 19,
};

/* RFC 8914 */
enum ede_code { EDE_STALE = 3, EDE_NOT_AUTHORITATIVE = 20, EDE_NOT_SUPPORTED = 21 };

#define HEADER_SIZE 12

#endif
