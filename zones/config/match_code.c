#include "zones/config/match_code.h"

#include <string.h>

static const char continents[] = "AF AN AS EU NA OC SA ";
static const char countries[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM "
                                "BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX "
                                "CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG "
                                "GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
                                "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV "
                                "LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE "
                                "NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
                                "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
                                "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF "
                                "WS XK YE YT ZA ZM ZW ";

/* What people write: the code, and what it should be. */
static const struct {
        char written[3], meant[3];
} slips[] = {{"UK", "GB"}, {"EN", "GB"}, {"EL", "GR"}, {"KO", "KR"},
             {"JA", "JP"}, {"CS", "RS"}, {"AU", "OC"}, {"AM", "NA"}};

static bool known(const char *list, const char *code)
{
        for (const char *at = list; *at; at += 3)
                if (at[0] == code[0] && at[1] == code[1])
                        return true;
        return false;
}

static bool known_or_meant(const char *list, const char *code, const char **meant)
{
        *meant = NULL;
        if (known(list, code))
                return true;
        for (unsigned i = 0; i < sizeof(slips) / sizeof(*slips); i++)
                if (!strncmp(slips[i].written, code, 2) && known(list, slips[i].meant))
                        *meant = slips[i].meant;
        return false;
}

bool continent_known(const char *code, const char **meant)
{
        return known_or_meant(continents, code, meant);
}

bool country_known(const char code[2], const char **meant)
{
        return known_or_meant(countries, code, meant);
}
