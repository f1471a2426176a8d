/* gameday/blast.h: may this target be hit now? */
#include "gameday/blast.h"

#include "base/str.h"
#include "tap.h"
#include "test_scenario_file.h"
#include "test_scenario_view.h"

static struct err err;
static struct cluster *cluster;
static struct ha_view *view;

/* "" if allowed. The scenario is the good one with another fault and blast radius. */
static const char *allows(const char *fault, const char *radius, const char *host,
                          const char *role)
{
	char *text =
		xasprintf("{\"experiment\":\"x\",\"fault\":{%s},\"blast_radius\":{%s}}",
	                  fault, radius);
	struct scenario *s = scenario_of(text, &err);
	bool member = host && str_starts(host, "db");
	struct fault_target target = { .expression = (char *)"x",
		                       .host = (char *)host,
		                       .member = member ? (char *)host : NULL,
		                       .role = (char *)role };

	free(text);
	if (s && blast_allows(s, &cluster->inventory, view, &target, &err))
		err = (struct err){ 0 };
	else if (!err.message[0])
		err_set(&err, "refused without a reason");
	scenario_free(s);
	return err.message;
}

static const char reboot[] = "\"reboot_host\":{\"target\":\"member\"}";
static const char crash[] = "\"crash_postgres\":{\"target\":\"member\"}";
static const char proxy[] = "\"kill_proxy\":{}";

static void test_never(void)
{
	is_str(allows(reboot, "", "db2", "primary"), "", "the primary of three");
	is_str(allows(reboot, "\"never\":[\"db2\"]", "db2", "primary"),
	       "db2 is never hit (\"db2\")", "never by name");
	is_str(allows(reboot, "\"never\":[\"haproxy\"]", "px1", "proxy"),
	       "px1 is never hit (\"haproxy\")", "never by service");
	is_str(allows(reboot, "\"never\":\"primary\"", "db2", "primary"),
	       "db2 is never hit (\"primary\")", "never by role");
	is_str(allows(reboot, "\"never\":\"primary\"", "db1", "sync_standby"), "",
	       "another role");
	is_str(allows(reboot, "", "db9", "primary"), "db9 is no host of the cluster file",
	       "unknown host");
}

static void test_others(void)
{
	static const char *const radii[] = { "", "\"keep_quorum\":false" };

	for (size_t i = 0; i < 2; i++) {
		view_change(view, "db3", "replica", "stopped");
		is_str(allows(reboot, radii[i], "db2", "primary"),
		       "db3 is down already: the manager says \"stopped\"",
		       "another is down");
		is_str(allows(reboot, radii[i], "db3", "replica"),
		       "db3 is down already: the manager says \"stopped\"",
		       "the target is down");
		is_str(allows(proxy, radii[i], "px1", "proxy"),
		       "db3 is down already: the manager says \"stopped\"",
		       "also for a proxy");
		is_str(allows("\"by_hand\":{}", radii[i], NULL, NULL),
		       "db3 is down already: the manager says \"stopped\"",
		       "and by hand");
		view_change(view, "db3", "replica", "starting");
		is_str(allows(reboot, radii[i], "db2", "primary"),
		       "db3 is down already: the manager says \"starting\"",
		       "not up yet");
		view_change(view, "db3", "replica", "running");
		is_str(allows(reboot, radii[i], "db2", "primary"), "", "up again");
	}
	is_str(allows("\"by_hand\":{}", "", NULL, NULL), "", "by hand, all well");
}

static void test_missing(void)
{
	struct ha_view *kept = view;

	view = ha_view_new();
	view_set(view, "db1", "sync_standby", "streaming");
	view_set(view, "db2", "leader", "running");
	is_str(allows(reboot, "", "db2", "primary"),
	       "db3 is down already: the manager does not know it", "gone from the view");
	ha_view_free(view);
	view = NULL;
	is_str(allows(proxy, "", "px1", "proxy"), "", "a proxy without a view");
	view = kept;
}

/* The one cluster of the tests, with fewer hosts. */
static void use_cluster(const char *from, const char *to)
{
	cluster_free(cluster);
	cluster = from ? cluster_with(from, to, &err) : cluster_of(good_cluster, &err);
	if (!cluster)
		printf("Bail out! %s\n", err.message);
}

#define DB3                                                                        \
	",\n    \"db3\": { \"address\": \"10.88.0.13\", \"runs\": [\"postgres\", " \
	"\"patroni\", \"etcd\"] }"

static void test_quorum(void)
{
	static const char two[] =
		"db2 runs etcd, and without it 1 of 2 members are no majority";
	struct ha_view *kept = view;

	use_cluster(DB3, "");
	view = ha_view_new();
	view_set(view, "db1", "sync_standby", "streaming");
	view_set(view, "db2", "leader", "running");
	is_str(allows(reboot, "", "db2", "primary"), two, "two of etcd do not bear it");
	is_str(allows(crash, "", "db2", "primary"), "",
	       "a crash of the database leaves etcd");
	is_str(allows(crash, "", "db2", "dcs_member"), two, "unless etcd is what is hit");
	is_str(allows(reboot, "\"keep_quorum\":false", "db2", "primary"), "",
	       "when asked for");
	is_str(allows(reboot, "", "px1", "proxy"), "", "a proxy runs no etcd");
	ha_view_free(view);
	view = kept;
	use_cluster(NULL, NULL);
}

static void test_standby(void)
{
	static const char alone[] = "db2 is the primary, and no healthy standby is there";
	struct ha_view *kept = view;

	cluster_free(cluster);
	cluster = cluster_of("{\"cluster\":\"c\",\"manager\":{\"none\":{}},\"hosts\":{"
	                     "\"db2\":{\"address\":\"a\","
	                     "\"runs\":[\"postgres\"]},\"px1\":{\"address\":\"b\","
	                     "\"runs\":[\"haproxy\"]}},"
	                     "\"endpoints\":{\"e\":{\"conninfo\":\"host=b\"}}}",
	                     &err);
	view = ha_view_new();
	view_set(view, "db2", "leader", "running");
	is_str(allows(crash, "", "db2", "primary"), alone, "a primary alone");
	is_str(allows(reboot, "", "db2", "primary"), alone, "its host");
	is_str(allows("\"switchover\":{}", "", "db2", "primary"), alone, "a switchover");
	is_str(allows(crash, "\"keep_quorum\":false", "db2", "primary"), "",
	       "when asked for");
	is_str(allows(proxy, "", "px1", "proxy"), "", "its proxy");
	is_str(allows(proxy, "", "db2", "proxy"), "", "a proxy beside it");
	ha_view_free(view);
	view = kept;
	use_cluster(NULL, NULL);
}

int main(void)
{
	cluster = cluster_of(good_cluster, &err);
	view = view_good();
	test_never();
	test_others();
	test_missing();
	test_quorum();
	test_standby();
	ha_view_free(view);
	cluster_free(cluster);
	return done_testing();
}
