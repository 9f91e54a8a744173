/* What cc-view can do besides JSON lines.  Each is a main of its own; argv[0] is the verb. */
#ifndef VIEW_VERBS_H
#define VIEW_VERBS_H

int view_sheet(int argc, char **argv);
int view_report(int argc, char **argv);
int view_tsne(int argc, char **argv);

#endif
