/* The verbs of Patroni's table (ha/ha.h: struct ha_type). */
#ifndef HA_PATRONI_VERBS_H
#define HA_PATRONI_VERBS_H

#include "ha/ha.h"

const char *patroni_cannot(struct ha *ha, enum ha_verb verb);
char *patroni_describe(struct ha *ha, const struct ha_request *request);
enum ha_answer patroni_request(struct ha *ha, const struct ha_request *request,
                               nsec_t deadline, char **answer_text, struct err *err);
bool patroni_may_change(struct ha *ha, nsec_t deadline, struct err *err);
char *patroni_version(struct ha *ha, nsec_t deadline);

#endif
