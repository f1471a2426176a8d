/* reboot_host: only a boot id that differs proves it. */
#include "test_fault_place.h"

#include "fault/host.h"

#define ID_A "05e1fdf7-f502-452b-81f9-f9f068b90818"
#define ID_B "c0b2c920-93ae-4af5-bfe7-a676492a0309"
#define PID1(ticks)                                                                  \
	"1 (systemd (x) y) S 0 1 1 0 -1 4194560 3767 19454 15 21 10 8 11 10 20 0 1 " \
	"0 " ticks " 20258816 2926\n"

static void boot_answers(struct fault *f, const char *out)
{
	answers(f, "cat /proc/sys/kernel/random/boot_id /proc/1/stat", 0, out);
}

static struct fault *armed(const char *json)
{
	struct fault *f = fault_on("px1", json);
	struct err err;

	boot_answers(f, "Last login: 05e1fdf7\n" ID_A "\n" PID1("99711"));
	answers(f, "sudo -n -l", 0, "");
	unit_answers(f, "haproxy.service", "active", 51);
	unit_answers(f, "pgbouncer.service", "active", 52);
	answers(f, "cat /sys", 1, "");
	answers(f, "systemctl show -p SystemState", 0, "SystemState=running\n");
	ok(arms(f, &err), "is armed");
	if (err.message[0])
		printf("# %s\n", err.message);
	return f;
}

static void test_reboot(void)
{
	struct fault *f = armed("{\"reboot_host\": {\"target\": \"proxy\"}}"), *later;
	struct err err;

	has(remote_fake_log(f->remote), "sudo -n -l /usr/bin/systemctl reboot\n",
	    "by its rule");
	remote_fake_answer(f->remote, "sudo -n /usr", REMOTE_LOST, 0, "");
	ok(injects(f, &err) && f->in_doubt, "ends in doubt by nature");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "the same boot id: not yet");
	remote_fake_answer(f->remote, "cat /proc", REMOTE_FAILED, 0, "");
	is_int(confirms(f, &err), CONFIRM_NOT_YET,
	       "no connection while it boots: not yet");
	boot_answers(f, "System is booting up. See pam_nologin(8)\n");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "a refusal's text is no boot id");
	boot_answers(f, ID_B "\n");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "half of an answer is none");
	boot_answers(f, ID_B "\n" PID1("120000"));
	is_int(confirms(f, &err), CONFIRM_YES, "another boot id is the proof");
	has(f->evidence, ID_A, "the evidence has the one before");
	has(f->evidence, ID_B, "and the one now");

	later = fault_later(f);
	boot_answers(later, ID_B "\n" PID1("120000"));
	answers(later, "systemctl show -p SystemState", 0, "SystemState=starting\n");
	unit_answers(later, "haproxy.service", "active", 51);
	unit_answers(later, "pgbouncer.service", "activating", 0);
	ok(!heals(later, &err), "a service on its way is not back");
	has(err.hint, "journalctl -u pgbouncer.service", "the hint says where to look");
	answers(later, SHOW_UNIT "pgbouncer.service", 0,
	        "LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nMainPID="
	        "0\n");
	ok(!heals(later, &err), "while it boots, one that is down may yet come");
	answers(later, "systemctl show -p SystemState", 0, "SystemState=degraded\n");
	ok(heals(later, &err), "the boot is over: the host is back");
	has(later->lacking, "pgbouncer.service is inactive and disabled at boot",
	    "what stays down is named");
	has(later->lacking, "systemctl enable --now pgbouncer.service", "with the cure");
	ok(!strstr(later->lacking, "haproxy"), "and nothing else");
	answers(later, SHOW_UNIT "pgbouncer.service", 0,
	        "LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nMainPID="
	        "0\n");
	ok(heals(later, &err) &&
	           strstr(later->lacking, "pgbouncer.service is failed (look"),
	   "one that failed at boot, too");
	ok(!strstr(remote_fake_log(later->remote), "sudo"), "and not started by us");
	unit_answers(later, "pgbouncer.service", "active", 52);
	ok(heals(later, &err) && !later->lacking, "all services active: nothing lacks");
	answers(later, "systemctl show -p SystemState", 0, "SystemState=stopping\n");
	ok(!heals(later, &err), "a host on its way down is not back");
	remote_fake_answer(later->remote, "cat /proc", REMOTE_FAILED, 0, "");
	ok(!heals(later, &err), "a host that does not answer is not back");
	fault_gone(later);
	fault_gone(f);
}

static void test_same_boot_id(void)
{
	struct fault *f =
		armed("{\"reboot_host\": {\"target\": \"proxy\", \"how\": \"forced\"}}");
	struct err err;

	answers(f, "sudo -n /usr/bin/systemctl reboot --force --force", 0, "");
	ok(injects(f, &err) && !f->in_doubt, "forced is sent");
	boot_answers(f, ID_A "\n" PID1("120000"));
	is_int(confirms(f, &err), CONFIRM_NO, "PID 1 anew under the same boot id");
	has(err.message, "a container?", "is not taken for a reboot");
	fault_gone(f);
}

static void test_not_sent(void)
{
	struct fault *f = armed("{\"reboot_host\": {\"target\": \"proxy\"}}");
	struct err err;

	answers(f, "sudo -n /usr", 1, "");
	ok(!injects(f, &err), "refused by sudo or systemctl: not sent");
	answers(f, "sudo -n /usr", 255, "");
	ok(injects(f, &err) && f->in_doubt,
	   "killed by the shutdown that it began: in doubt");
	answers(f, "sudo -n -l", 1, "");
	ok(!arms(f, &err), "no rule, no reboot");
	has(err.hint, "NOPASSWD: /usr/bin/systemctl reboot", "the hint has the rule");
	boot_answers(f, "not a boot id\n" PID1("1"));
	ok(!arms(f, &err), "no boot id, nothing could prove it");
	fault_gone(f);
	f = fault_on("db1", "{\"reboot_host\": {\"target\": \"primary\"}}");
	boot_answers(f, ID_A "\n" PID1("99711"));
	answers(f, "sudo -n -l", 0, "");
	answers(f, "cat /sys", 1, "");
	unit_answers(f, "patroni.service", "active", 53);
	ok(arms(f, &err), "PostgreSQL under a manager needs no unit of its own");
	fault_gone(f);
}

static void test_host_key_changed(void)
{
	struct fault *f = fault_on("db1", "{\"reboot_host\": {\"target\": \"primary\"}}");
	struct err err = { 0 };

	boot_answers(f, ID_A "\n" PID1("99711"));
	answers(f, "sudo -n", 0, "");
	answers(f, "cat /sys", 1, "");
	unit_answers(f, "patroni.service", "active", 53);
	ok(arms(f, &err) && injects(f, &err), "a reboot");
	remote_fake_answer(f->remote, "cat /proc", REMOTE_FAILED, 0,
	                   "the host key changed: it is not the ssh-ed25519 key in x:3");
	is_int(confirms(f, &err), CONFIRM_NO, "another host key: nothing is confirmed");
	has(err.message, "host key changed", "which is said");
	say("1795573999.5", "t", "1");
	ok(heals(f, &err), "PostgreSQL tells that it is back");
	has(f->evidence, "PostgreSQL on db1 answers", "the evidence says so");
	has(f->evidence, "host key changed", "and why nothing else is seen");
	said->refuses = true;
	ok(!heals(f, &err), "PostgreSQL is not back either: not healed");
	has(err.message, "host key changed", "for the reason that needs a cure");
	said->refuses = false;
	fault_gone(f);
}

static bool parses(const char *text)
{
	struct boot_facts facts;
	struct err err = { 0 };

	return boot_parse(text, &facts, &err);
}

static void test_parse(void)
{
	struct boot_facts facts;
	struct err err = { 0 };

	ok(boot_parse("x\r\n" ID_A "\r\n" PID1("99711"), &facts, &err),
	   "boot facts in noise");
	is_str(facts.boot_id, ID_A, "the id");
	is_int(facts.pid1_start, 99711, "when PID 1 began, past a name with ) in it");
	ok(parses(ID_A "\n" ID_A "\n" PID1("1")), "the same id twice is one id");
	ok(!parses(ID_A "\n" ID_B "\n" ID_B "\n" PID1("1")), "two ids are none");
	ok(!parses(ID_A "x\n" PID1("1")), "longer than a UUID");
	ok(!parses("05e1fdf7-f502-452b-81f9-f9f068b9081\n" PID1("1")),
	   "shorter than a UUID");
	ok(!parses("05e1fdf7-f502-452b-81f9-f9f068b9081g\n" PID1("1")),
	   "no hexadecimal digit");
	ok(!parses(" " ID_A "\n" PID1("1")), "not the whole line");
	ok(!parses(ID_A "\n1 (systemd) S 0 1\n"), "too few fields");
	ok(!parses(ID_A "\n1 (systemd S 0 1\n"), "no command");
	ok(!parses(""), "nothing");
}

int main(void)
{
	place_open();
	test_reboot();
	test_same_boot_id();
	test_not_sent();
	test_host_key_changed();
	test_parse();
	place_close();
	return done_testing();
}
