# -v root=pipelines/ -v store=results/paper: copies a Markdown text.  A line "@table SET NAME" is replaced by a table, "@figure SET NAME" by a
# figure, and "@hours SET" by how long the trainings took.  What does not exist yet is marked as missing.  Successive blank lines become one.
function say(text) {
	if (text != "" || !blank)
		print text
	blank = text == ""
}

function missing(what) {
	say("(not run yet: " what ")")
}

function table(set, name, file, line, cells, count, i, row, text) {
	file = root store "/" set "/tables/" name ".tsv"
	row = 0
	while ((getline line < file) > 0) {
		count = split(line, cells, "\t")
		text = "|"
		for (i = 1; i <= count; i++)
			text = text " " cells[i] " |"
		say(text)
		if (row++ > 0)
			continue
		text = "|"
		for (i = 1; i <= count; i++)
			text = text "---|"
		say(text)
	}
	close(file)
	if (!row)
		missing(set "/" name)
}

function figure(set, name, path, line, exists) {
	path = store "/" set "/figures/" name ".svg"
	exists = (getline line < (root path)) > 0
	close(root path)
	if (exists)
		say("![" set ", " name "](" path ")")
	else
		missing(set "/" name)
}

function hours(set, file, line, cells) {
	file = root store "/" set "/tables/hours.tsv"
	while ((getline line < file) > 0)
		split(line, cells, "\t")
	close(file)
	say(sprintf("%s: %d trainings, %.1f wall-clock hours, with two trainings at a time on one processor each. For resumed trainings only the last part counts.",
		set, cells[1], cells[2] / 3600))
}

# Each is its own paragraph.
/^@/ { say("") }
$1 == "@table" { table($2, $3) }
$1 == "@figure" { figure($2, $3) }
$1 == "@hours" { hours($2) }
/^@/ { say(""); next }
{ say($0) }
