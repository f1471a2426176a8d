/* May we change anything?  Asked without changing anything, and without telling secrets. */
#include "test_patroni_place.h"

static bool may(struct err *err)
{
	struct ha *ha = manager();
	bool answer_is;

	*err = (struct err){ 0 };
	answer_is = ha->type->may_change(ha, soon(), err);
	ha_free(ha);
	return answer_is;
}

static void test_rights(void)
{
	struct err err;

	answers(404, "no switchover is scheduled");
	ok(may(&err), "404: we may");
	ok(strstr(said->asked, "DELETE /switchover ") != NULL, "by a harmless DELETE");
	answers(401, "not authenticated");
	ok(!may(&err), "401: we may not");
	ok(!strstr(err.message, "b%20") && !strstr(err.hint, "b%20"),
	   "the password is not told");
	answers(404, "");
	said->scheduled = true;
	ok(!may(&err), "somebody's schedule would be deleted");
	is_str(said->asked, "", "so it is not tried");
	said->scheduled = false;
}

static void test_password_file(void)
{
	struct err err = { 0 };
	char *password = patroni_read_password(password_file, &err);
	char *text;

	is_str(password, "a:b%20\"c", "without the newline");
	patroni_wipe(password);
	chmod(password_file, 0640);
	ok(!patroni_read_password(password_file, &err), "readable by others");
	ok(strstr(err.hint, "chmod 0600") != NULL, "the cure");
	answers(200, "");
	is_int(ask(HA_SWITCHOVER, "db1", &text, &err), HA_REFUSED,
	       "nothing is sent without it");
	is_str(said->asked, "", "really nothing");
	ok(!may(&err), "nor may we");
	chmod(password_file, 0600);
	ok(!patroni_read_password("/nonexistent/file", &err), "no file");
	ok(!patroni_read_password("/tmp", &err), "a directory");
	ok(!patroni_read_password("/dev/null", &err), "no regular file");
}

int main(void)
{
	place_open();
	test_rights();
	test_password_file();
	place_close();
	return done_testing();
}
