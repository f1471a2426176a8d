/*
 * The tables of docs/files.md, from the tables that read the files.
 */
#ifndef SCENARIO_FILES_DOC_H
#define SCENARIO_FILES_DOC_H

#include "base/buf.h"

struct file_doc {
	const char *title; /* "Cluster file" */
	const struct param *params;
};
extern const struct file_doc file_docs[]; /* ended by title NULL */

/* Appends "## TITLE" and the table of each. */
void files_markdown(struct buf *out);

#endif
