#include "scenario/files_doc.h"

#include "scenario/cluster.h"
#include "scenario/gameday_file.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

const struct file_doc file_docs[] = {
	{ "Cluster file", cluster_params },
	{ "Scenario", scenario_params },
	{ "Game day file", gameday_params },
	{ NULL, NULL },
};

void files_markdown(struct buf *out)
{
	for (const struct file_doc *doc = file_docs; doc->title; doc++) {
		buf_printf(out, "## %s\n\n", doc->title);
		params_markdown(doc->params, out);
		buf_putc(out, '\n');
	}
	buf_puts(out, "## Targets\n\n| target | means |\n| --- | --- |\n");
	for (const struct target_word *w = target_words; w->word; w++)
		buf_printf(out, "| `%s` | %s |\n", w->word, w->summary);
	buf_puts(out, "| `host:NAME` | that host of the cluster file |\n");
}
