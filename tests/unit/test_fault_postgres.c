/* restart_postgres and crash_postgres against a member that says what the test wants. */
#include "test_fault_place.h"

#include "test_fault_ha.h"

static void reset(void)
{
	said->refuses = false;
	say("1000.5", "f", "3");
}

static struct fault *prepared(const char *json)
{
	struct fault *f = fault_on("db1", json);

	reset();
	f->ha = fake_ha(loop);
	unit_answers(f, "patroni.service", "active", 53);
	answers(f, "cat /sys", 1, "53\n113\n");
	answers(f, "sudo -n -l", 0, "");
	/* Backend 7 is what the fake member says of each session. */
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "motd\n      7     113 postgres\n");
	answers(f, "ps -o pid=,args= --ppid 113", 0,
	        "    114 postgres: lab: checkpointer \n    116 postgres: lab: walwriter "
	        "\n");
	return f;
}

static void gone(struct fault *f)
{
	ha_free(f->ha);
	fault_gone(f);
}

static struct fault *armed(const char *json)
{
	struct fault *f = prepared(json);
	struct err err;

	ok(arms(f, &err), "is armed");
	if (err.message[0])
		printf("# %s\n", err.message);
	return f;
}

static void test_manager(void)
{
	struct fault *f = armed("{\"restart_postgres\": {\"target\": \"primary\"}}"),
		     *later;
	struct err err;

	is_int(fault_needs(f), NEEDS_MEMBER | NEEDS_HA, "needs the manager and no SSH");
	is_str(remote_fake_log(f->remote), "", "and asks the host nothing");
	fake_ha_answers(f->ha, HA_REFUSED, NULL, "restart already in progress");
	ok(!injects(f, &err), "refused: nothing happened");
	fake_ha_answers(f->ha, HA_IN_DOUBT, NULL, "no answer in time");
	ok(injects(f, &err) && f->in_doubt, "no answer: in doubt");
	fake_ha_answers(f->ha, HA_ACCEPTED, "200 restarted successfully", NULL);
	ok(injects(f, &err) && !f->in_doubt, "accepted");
	is_str(f->answer, "200 restarted successfully", "with what was said");
	is_str(fake_ha_asked(f->ha), "restart db1", "of the target's member");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "the answer is no proof");
	has(err.message, "still up since", "the start time is the same");
	said->refuses = true;
	is_int(confirms(f, &err), CONFIRM_NOT_YET,
	       "that nobody answers is no proof either");
	later = fault_later(f);
	ok(!heals(later, &err), "nor is it healed then");
	has(err.message, "db1", "which names the host");
	said->refuses = false;
	say("2000.25", "f", "3");
	is_int(confirms(f, &err), CONFIRM_YES, "a new start time is the proof");
	has(f->evidence, "1970-01-01T00:16:40.500Z before, 1970-01-01T00:33:20.250Z now",
	    "with both times");
	ok(heals(later, &err), "it answers: healed");
	is_str(remote_fake_log(later->remote), "", "without SSH");
	gone(f);
	fault_gone(later);
}

static void test_manager_cannot(void)
{
	struct fault *f = prepared("{\"restart_postgres\": {\"target\": \"primary\"}}");
	struct err err;

	fake_ha_cannot(f->ha, "it has no restart");
	ok(!arms(f, &err), "a manager that can't");
	has(err.message, "it has no restart", "says why, in ARM");
	fake_ha_cannot(f->ha, NULL);
	fake_ha_forbids(f->ha, "password is wrong");
	ok(!arms(f, &err), "a manager that does not let us");
	has(err.message, "password is wrong", "says why, too");
	gone(f);
}

static void test_systemd(void)
{
	struct fault *f = armed("{\"restart_postgres\": {\"target\": \"primary\","
	                        "\"how\": \"systemd\"}}"),
		     *later;
	struct err err;

	answers(f, "sudo -n /usr/bin/systemctl restart patroni.service", 0, "");
	ok(injects(f, &err), "restarts the unit that keeps PostgreSQL");
	later = fault_later(f);
	unit_answers(later, "patroni.service", "failed", 0);
	answers(later, "sudo -n /usr/bin/systemctl start patroni.service", 0, "");
	ok(!heals(later, &err), "a unit that stays down is not healed");
	has(remote_fake_log(later->remote),
	    "sudo -n /usr/bin/systemctl start patroni.service", "though it was started");
	unit_answers(later, "patroni.service", "active", 60);
	ok(heals(later, &err), "unit and PostgreSQL are back");
	fault_gone(later);
	gone(f);
}

static void test_smart_stop(void)
{
	struct fault *f = armed("{\"restart_postgres\": {\"target\": \"primary\","
	                        "\"how\": \"pg_ctl\", \"mode\": \"smart\"}}"),
		     *later;
	struct err err;

	has(remote_fake_log(f->remote),
	    "sudo -n -l -u postgres /bin/pg_ctl -D /data -m smart -W stop",
	    "asks for its rule");
	has(remote_fake_log(f->remote),
	    "sudo -n -l -u postgres /bin/pg_ctl -D /data -m fast -W stop",
	    "and for its undo's");
	answers(f, "sudo -n -u postgres", 0, "");
	ok(injects(f, &err), "is sent");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "it lets us in");
	said->refuses = true;
	answers(f, "ps -o pid=,ppid=,comm= -p 113", 1, "");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "another postmaster lets nobody in");
	answers(f, "ps -o pid=,ppid=,comm= -p 113", 0, "113 1 postgres\n");
	is_int(confirms(f, &err), CONFIRM_YES,
	       "the same one lets nobody in: it is stopping");
	later = fault_later(f);
	unit_answers(later, "patroni.service", "active", 53);
	answers(later, "ps -o pid=,ppid=,comm= -p 113", 0, "113 1 postgres\n");
	answers(later, "sudo -n -u postgres", 0, "");
	said->refuses = true;
	ok(!heals(later, &err), "a smart stop that waits for ever is not healed");
	has(remote_fake_log(later->remote), "-m fast -W stop",
	    "and is ended by a fast one");
	reset();
	ok(heals(later, &err), "healed when it answers");
	fault_gone(later);
	gone(f);
}

static void test_crash_postmaster(void)
{
	struct fault *f = armed("{\"crash_postgres\": {\"target\": \"primary\"}}"),
		     *later;
	struct err err;

	has(remote_fake_log(f->remote),
	    "sudo -n -l -u postgres /usr/bin/kill -KILL 113\n",
	    "the rule is asked for with the real pid");
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "7 200 postgres\n");
	answers(f, "sudo -n -u postgres /usr/bin/kill -KILL 113", 0, "");
	ok(!injects(f, &err), "another postmaster than the armed one is left alone");
	has(err.message, "postmaster of db1 is 200 now", "and named");
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "7 113 postgres\n");
	ok(injects(f, &err), "the armed one is killed");
	is_str(f->command, "sudo -n -u postgres /usr/bin/kill -KILL 113", "by this");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "it answers as before");
	said->refuses = true;
	answers(f, "ps -o pid=,ppid=,comm= -p 113", 0, "113 1 postgres\n");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "silent, but its process is there");
	answers(f, "ps -o pid=,ppid=,comm= -p 113", 2, "");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "silent, and ps fails");
	answers(f, "ps -o pid=,ppid=,comm= -p 113", 1, "");
	is_int(confirms(f, &err), CONFIRM_YES, "silent, and its process is gone");
	reset();
	say("1500", "t", "");
	is_int(confirms(f, &err), CONFIRM_YES, "or: it answers with a new start time");
	later = fault_later(f);
	unit_answers(later, "patroni.service", "active", 53);
	ok(heals(later, &err), "healed when it answers");
	fault_gone(later);
	gone(f);
}

static void test_crash_backend(void)
{
	struct fault *f = armed("{\"crash_postgres\": {\"target\": \"primary\", "
	                        "\"process\": \"backend\"}}");
	struct err err;

	answers(f, "sudo -n -u postgres /usr/bin/kill -KILL 7", 0, "");
	ok(injects(f, &err), "a backend of our own is killed");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "the checkpointer lives on: no crash");
	answers(f, "ps -o pid=,args= --ppid 113", 0,
	        "    130 postgres: lab: startup recovering\n");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "in the middle of it");
	answers(f, "ps -o pid=,args= --ppid 113", 0,
	        "    131 postgres: lab: checkpointer \n");
	is_int(confirms(f, &err), CONFIRM_YES,
	       "another checkpointer below the same postmaster");
	has(f->evidence, "was 114 before and is 131 now", "with both pids");
	gone(f);
}

static void test_cannot_be_armed(void)
{
	struct fault *f = prepared("{\"crash_postgres\": {\"target\": \"primary\"}}");
	struct err err;

	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "7 1 sh\n");
	ok(!arms(f, &err), "our backend has no parent");
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "7 113 sshd\n");
	ok(!arms(f, &err), "our backend's pid is somebody else there");
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "error: garbage\n8 9 postgres\n");
	ok(!arms(f, &err), "another pid's line is no answer");
	answers(f, "ps -o pid=,ppid=,comm= -p 7", 0, "7 113 postgres\n");
	answers(f, "ps -o pid=,args= --ppid 113", 1, "");
	ok(!arms(f, &err), "no checkpointer is to be seen");
	answers(f, "ps -o pid=,args= --ppid 113", 0, "114 postgres: checkpointer\n");
	answers(f, "sudo -n -l -u postgres", 1, "");
	ok(!arms(f, &err), "no rule");
	has(err.hint, "(postgres) NOPASSWD: /usr/bin/kill ^-KILL [1-9][0-9]{0,6}$",
	    "the hint has it, for any pid");
	said->refuses = true;
	ok(!arms(f, &err), "a member that does not answer");
	has(err.message, "PostgreSQL on db1", "is named");
	gone(f);
}

int main(void)
{
	place_open();
	test_manager();
	test_manager_cannot();
	test_systemd();
	test_smart_stop();
	test_crash_postmaster();
	test_crash_backend();
	test_cannot_be_armed();
	place_close();
	return done_testing();
}
