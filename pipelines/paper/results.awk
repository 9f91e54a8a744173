# -v root=pipelines/ -v store=results/paper: a text whose lines "@table SET NAME" become the table that is there (as Markdown),
# "@figure SET NAME" a figure, "@hours SET" how long the trainings took.  What is not there yet is said to be missing.
function missing(what) {
	print "(not run yet: " what ")"
}

function table(set, name, file, line, cells, count, i, row) {
	file = root store "/" set "/tables/" name ".tsv"
	row = 0
	while ((getline line < file) > 0) {
		count = split(line, cells, "\t")
		printf "|"
		for (i = 1; i <= count; i++)
			printf " %s |", cells[i]
		print ""
		if (row++ == 0) {
			printf "|"
			for (i = 1; i <= count; i++)
				printf "---|"
			print ""
		}
	}
	close(file)
	if (!row)
		missing(set "/" name)
}

function figure(set, name, path, line, there) {
	path = store "/" set "/figures/" name ".svg"
	there = (getline line < (root path)) > 0
	close(root path)
	if (there)
		print "![" set ", " name "](" path ")"
	else
		missing(set "/" name)
}

function hours(set, file, line, cells, seconds, count) {
	file = root store "/" set "/seconds.tsv"
	while ((getline line < file) > 0) {
		split(line, cells, "\t")
		seconds += cells[2]
		count++
	}
	close(file)
	printf "%s: %d trainings, %.1f hours of one processor.\n", set, count, seconds / 3600
}

# Each is a paragraph of its own.
/^@/ { print "" }
$1 == "@table" { table($2, $3) }
$1 == "@figure" { figure($2, $3) }
$1 == "@hours" { hours($2) }
/^@/ { print ""; next }
{ print }
