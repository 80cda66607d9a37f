/* zones/dns/numbers.h: the numbers of the DNS protocol (IANA, Domain Name System Parameters), as far as anything here
 * has a word for them. */
#ifndef ZONES_DNS_NUMBERS_H
#define ZONES_DNS_NUMBERS_H

enum dns_type {
        TYPE_A = 1,
        TYPE_NS = 2,
        TYPE_CNAME = 5,
        TYPE_SOA = 6,
        TYPE_PTR = 12,
        TYPE_HINFO = 13,
        TYPE_MX = 15,
        TYPE_TXT = 16,
        TYPE_AAAA = 28,
        TYPE_DNAME = 39,
        TYPE_OPT = 41,
        TYPE_DS = 43,
        TYPE_RRSIG = 46,
        TYPE_NSEC = 47,
        TYPE_DNSKEY = 48,
        TYPE_NSEC3 = 50,
        TYPE_NSEC3PARAM = 51,
        TYPE_ZONEMD = 63,
        TYPE_SVCB = 64,
        TYPE_HTTPS = 65,
        /* of questions and messages alone */
        TYPE_TKEY = 249,
        TYPE_TSIG = 250,
        TYPE_IXFR = 251,
        TYPE_AXFR = 252,
        TYPE_MAILB = 253,
        TYPE_MAILA = 254,
        TYPE_ANY = 255,
};

enum dns_class { CLASS_IN = 1, CLASS_CH = 3, CLASS_ANY = 255 };

enum dns_opcode { OPCODE_QUERY = 0 };

/* Above 15: extended, in OPT (RFC 6891 6.1.3) or in TSIG (RFC 8945 3). */
enum dns_rcode {
        RCODE_NOERROR = 0,
        RCODE_FORMERR = 1,
        RCODE_SERVFAIL = 2,
        RCODE_NXDOMAIN = 3,
        RCODE_NOTIMP = 4,
        RCODE_REFUSED = 5,
        RCODE_YXDOMAIN = 6,
        RCODE_NOTAUTH = 9,
        RCODE_BADVERS = 16,
        RCODE_BADCOOKIE = 23,
};

enum tsig_error { TSIG_GOOD = 0, TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18 };

/* Of the header's second 16 bits. */
enum dns_flag {
        FLAG_QR = 0x8000,
        FLAG_AA = 0x0400,
        FLAG_TC = 0x0200,
        FLAG_RD = 0x0100,
        FLAG_CD = 0x0010,
        FLAGS_OPCODE = 0x7800
};

enum edns_option {
        OPTION_NSID = 3,
        OPTION_ECS = 8,
        OPTION_COOKIE = 10,
        OPTION_KEEPALIVE = 11,
        OPTION_PADDING = 12,
        OPTION_EDE = 15,
        OPTION_REPORT_CHANNEL = 18,
        OPTION_ZONEVERSION = 19,
};

#define EDNS_DO 0x8000 /* of OPT's flags */

/* Address families as ECS tells them (RFC 7871 6). */
enum ecs_family { ECS_IPV4 = 1, ECS_IPV6 = 2 };

/* Extended errors (RFC 8914 4). */
enum ede_code {
        EDE_OTHER = 0,
        EDE_STALE = 3,
        EDE_NOT_READY = 14,
        EDE_NOT_AUTHORITATIVE = 20,
        EDE_NO_REACHABLE_AUTHORITY = 22,
};

/* Keys of SVCB and HTTPS parameters (RFC 9460 14.3.2). */
enum svc_param { SVC_MANDATORY = 0, SVC_ALPN = 1, SVC_NO_DEFAULT_ALPN = 2, SVC_IPV4HINT = 4, SVC_IPV6HINT = 6 };

#define HEADER_SIZE      12
#define COMPRESSED       0xc000 /* a pointer in a name (RFC 1035 4.1.4) */
#define COMPRESSED_REACH 0x4000 /* to what stands before this place in the message */

#endif
