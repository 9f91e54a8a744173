# -v root=pipelines/ -v store=results/paper: a text whose lines "@table SET NAME" become the table that is there (as Markdown),
# "@figure SET NAME" a figure, "@hours SET" how long the trainings of its results took.  What is not there yet is said to be missing.
# Blank lines that follow one another are one.
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

function figure(set, name, path, line, there) {
	path = store "/" set "/figures/" name ".svg"
	there = (getline line < (root path)) > 0
	close(root path)
	if (there)
		say("![" set ", " name "](" path ")")
	else
		missing(set "/" name)
}

# Of each result that is there the last training that went through
function hours(set, file, line, cells) {
	file = root store "/" set "/tables/hours.tsv"
	while ((getline line < file) > 0)
		split(line, cells, "\t")
	close(file)
	say(sprintf("%s: %d trainings, %.1f hours by the clock, each on one processor beside another one; of those that were stopped, what came after.",
		set, cells[1], cells[2] / 3600))
}

# Each is a paragraph of its own.
/^@/ { say("") }
$1 == "@table" { table($2, $3) }
$1 == "@figure" { figure($2, $3) }
$1 == "@hours" { hours($2) }
/^@/ { say(""); next }
{ say($0) }
