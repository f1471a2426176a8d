/* kill_proxy: what is asked of the host, what proves it, what undoes it. */
#include "test_fault_place.h"

#define HAPROXY "haproxy.service"

static struct fault *armed(const char *json)
{
	struct fault *f = fault_on("px1", json);
	struct err err;

	unit_answers(f, HAPROXY, "active", 51);
	unit_answers(f, "pgbouncer.service", "active", 52);
	answers(f, "cat /sys/fs/cgroup/system.slice/", 1, "51\n59\n");
	answers(f, "sudo -n -l", 0, "");
	if (!arms(f, &err))
		printf("# %s\n", err.message);
	return f;
}

static void test_kill(void)
{
	struct fault *f = armed("{\"kill_proxy\": {}}"), *later;
	struct err err;

	has(f->command, "kill haproxy on px1", "what will be done is told before");
	ok(!strstr(remote_fake_log(f->remote), "sudo -n /usr"),
	   "ARM runs nothing as root");
	has(remote_fake_log(f->remote),
	    "sudo -n -l /usr/bin/systemctl kill --signal=KILL " HAPROXY,
	    "asks for the rule");
	has(remote_fake_log(f->remote), "sudo -n -l /usr/bin/systemctl start " HAPROXY,
	    "and for the rule of the undo");
	answers(f, "sudo -n /usr/bin/systemctl kill", 0, "");
	ok(injects(f, &err) && !f->in_doubt, "is sent");
	is_str(f->command, "sudo -n /usr/bin/systemctl kill --signal=KILL " HAPROXY,
	       "as told");
	is_int(confirms(f, &err), CONFIRM_NOT_YET,
	       "the same main process: nothing happened yet");
	has(err.message, "main process 51 as before", "which is said");
	unit_answers(f, HAPROXY, "active", 77);
	is_int(confirms(f, &err), CONFIRM_YES, "another main process is the proof");
	has(f->evidence, "51 59", "all pids that were hit are in the evidence");
	has(f->evidence, "77", "and the new one");

	later = fault_later(f);
	unit_answers(later, HAPROXY, "failed", 0);
	answers(later, "sudo -n /usr/bin/systemctl start", 1, "");
	ok(!heals(later, &err), "what can't be started is not healed");
	has(err.hint, "by hand", "and the hint says how to do it");
	answers(later, "sudo -n /usr/bin/systemctl start", 0, "");
	ok(!heals(later, &err),
	   "a start that says yes and does not start is not healed either");
	unit_answers(later, HAPROXY, "active", 80);
	ok(heals(later, &err), "active is healed");
	has(later->evidence, "process 80", "by the process that is there");
	ok(heals(later, &err), "twice is harmless");
	fault_gone(later);
	fault_gone(f);
}

static void test_stop(void)
{
	struct fault *f =
		armed("{\"kill_proxy\": {\"target\": \"pooler\", \"how\": \"stop\","
	              "\"stop_seconds\": 12}}");
	struct err err;

	is_int((int)f->hold_seconds, 12, "stays for stop_seconds");
	remote_fake_answer(f->remote, "sudo -n /usr/bin/systemctl stop pgbouncer.service",
	                   REMOTE_TIMEOUT, 0, "");
	ok(injects(f, &err) && f->in_doubt, "no end in time is in doubt, not refused");
	unit_answers(f, "pgbouncer.service", "deactivating", 52);
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "one that is going down is not down");
	unit_answers(f, "pgbouncer.service", "inactive", 0);
	is_int(confirms(f, &err), CONFIRM_YES, "inactive and without a process is down");
	fault_gone(f);
}

static void test_lost_and_refused(void)
{
	struct fault *f = armed("{\"kill_proxy\": {}}");
	struct err err;

	remote_fake_answer(f->remote, "sudo -n /usr", REMOTE_LOST, 0, "");
	ok(injects(f, &err) && f->in_doubt, "a lost answer is in doubt");
	fault_gone(f);
	f = armed("{\"kill_proxy\": {}}");
	remote_fake_answer(f->remote, "sudo -n /usr", REMOTE_FAILED, 0, "");
	ok(!injects(f, &err), "no connection: nothing happened");
	ok(!f->in_doubt, "without a doubt");
	answers(f, "sudo -n /usr", 1, "");
	ok(!injects(f, &err), "an error of systemctl: nothing happened");
	has(err.message, "ended with 1", "with its status");
	fault_gone(f);
}

static void test_cannot_be_armed(void)
{
	struct fault *f = fault_on("px1", "{\"kill_proxy\": {}}");
	struct err err;

	answers(f, SHOW_UNIT, 0,
	        "MainPID=0\nLoadState=not-found\nActiveState=inactive\n");
	ok(!arms(f, &err), "a unit that systemd does not know");
	has(err.message, HAPROXY " is not-found", "is named");
	answers(f, SHOW_UNIT, 0, "fortune: MainPID\n=\n");
	ok(!arms(f, &err), "garbage in place of the unit's state");
	unit_answers(f, HAPROXY, "failed", 0);
	ok(!arms(f, &err), "one that is down already");
	has(err.message, "is failed, not active", "is told so");
	unit_answers(f, HAPROXY, "active", 0);
	answers(f, "cat", 0, "");
	ok(!arms(f, &err), "one without a main process: nothing would prove it");
	unit_answers(f, HAPROXY, "active", 51);
	answers(f, "sudo -n -l", 1, "");
	ok(!arms(f, &err), "no sudo rule");
	has(err.hint, "(root) NOPASSWD: /usr/bin/systemctl kill --signal\\=KILL " HAPROXY,
	    "the hint is the rule to add");
	fault_gone(f);
	f = fault_on("db1", "{\"kill_proxy\": {}}");
	ok(!arms(f, &err), "a host that runs no proxy");
	fault_gone(f);
}

/* Four poolers on one port: three that live on keep the service up. */
static void test_several_units(void)
{
	struct service *s = add_service("pgbouncer");
	struct fault *f;
	struct err err;
	char unit[40];

	for (int i = 1; i <= 4; i++) {
		snprintf(unit, sizeof unit, "pgbouncer@%d.service", i);
		strings_add(&s->units, unit);
	}
	f = fault_on("px1", "{\"kill_proxy\": {\"target\": \"pooler\"}}");
	for (int i = 1; i <= 4; i++) {
		snprintf(unit, sizeof unit, "pgbouncer@%d.service", i);
		unit_answers(f, unit, "active", 100 + i);
	}
	answers(f, "cat", 0, "");
	answers(f, "sudo", 0, "");
	ok(arms(f, &err), "all four are armed");
	answers(f, "sudo -n /usr/bin/systemctl kill --signal=KILL pgbouncer@3.service", 1,
	        "");
	ok(injects(f, &err) && f->in_doubt, "three of four killed: sent, with a doubt");
	for (int i = 1; i <= 4; i++) {
		snprintf(unit, sizeof unit, "pgbouncer@%d.service", i);
		unit_answers(f, unit, "active", i == 3 ? 103 : 200 + i);
	}
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "one of four lives on: not confirmed");
	has(err.message, "pgbouncer@3.service is active, main process 103 as before",
	    "and is named");
	has(err.message, "(3 of 4 units were hit: ", "with how many were hit");
	unit_answers(f, "pgbouncer@3.service", "active", 203);
	is_int(confirms(f, &err), CONFIRM_YES, "all four: confirmed");
	has(f->evidence, "101", "first pid told");
	has(f->evidence, "104", "last pid told");
	fault_gone(f);
	free(s->units.items[0]);
	s->units.items[0] = xstrdup("pgbouncer@*.service");
	f = fault_on("px1", "{\"kill_proxy\": {\"target\": \"pooler\"}}");
	ok(!arms(f, &err), "a pattern is no unit");
	fault_gone(f);
}

int main(void)
{
	place_open();
	test_kill();
	test_stop();
	test_lost_and_refused();
	test_cannot_be_armed();
	test_several_units();
	place_close();
	return done_testing();
}
